-- Required webhooks that were given up and shown to nobody yet, and whether they tell of the job's last end and are late. Along deliveries_given_up; primary keys of jobs and definitions.
SELECT d.id, d.tenant, d.job, d.endpoint, d.noted, j.actor, j.definition, f.data, j.subject, f.feature,
    CASE WHEN j.deliver_by < $1 AND d.created >= j.finished - 60000
        AND d.event = CASE j.state WHEN 5 THEN 'job.succeeded' WHEN 7 THEN 'job.dead' WHEN 8 THEN 'job.cancelled' ELSE '' END THEN 1 ELSE 0 END
FROM deliveries d JOIN jobs j ON j.id = d.job JOIN definitions f ON f.id = j.definition
WHERE d.state = 2 AND d.required = 1 AND d.noted < 2 AND d.id > $2 ORDER BY d.id LIMIT $3
