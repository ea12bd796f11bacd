-- Back to the start of its schedule, unless it is being sent. Primary key.
UPDATE deliveries SET state = 0, due = $1, tries = 0, ended = NULL, noted = CASE WHEN noted = 2 THEN 1 ELSE noted END WHERE id = $2 AND tenant = $3 AND claimed IS NULL RETURNING job, endpoint
