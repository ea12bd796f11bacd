-- What was given up since a moment, the oldest first: the inner select walks deliveries_open, the update goes by primary key.
UPDATE deliveries SET state = 0, due = $1, tries = 0, ended = NULL, noted = CASE WHEN noted = 2 THEN 1 ELSE noted END
WHERE id IN (SELECT id FROM deliveries WHERE tenant = $2 AND endpoint = $3 AND state = 2 AND job IS NOT NULL AND created >= $4 ORDER BY created LIMIT $5) RETURNING job, id,
    (SELECT j.definition FROM jobs j WHERE j.id = deliveries.job), (SELECT f.data FROM jobs j JOIN definitions f ON f.id = j.definition WHERE j.id = deliveries.job),
    (SELECT j.actor FROM jobs j WHERE j.id = deliveries.job), (SELECT j.subject FROM jobs j WHERE j.id = deliveries.job)
