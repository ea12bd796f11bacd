-- What was given up since a moment, the oldest first, passing over what another node recovers: along deliveries_open, then by primary key.
WITH dead AS MATERIALIZED (SELECT id FROM deliveries WHERE tenant = $2 AND endpoint = $3 AND state = 2 AND job IS NOT NULL AND created >= $4 ORDER BY created LIMIT $5 FOR UPDATE SKIP LOCKED)
UPDATE deliveries d SET state = 0, due = $1, tries = 0, ended = NULL, noted = CASE WHEN d.noted = 2 THEN 1 ELSE d.noted END FROM dead WHERE d.id = dead.id RETURNING d.job, d.id,
    (SELECT j.definition FROM jobs j WHERE j.id = d.job), (SELECT f.data FROM jobs j JOIN definitions f ON f.id = j.definition WHERE j.id = d.job),
    (SELECT j.actor FROM jobs j WHERE j.id = d.job), (SELECT j.subject FROM jobs j WHERE j.id = d.job)
