-- Scheduled jobs whose time has come, along queue_due. Each then takes its turn.
UPDATE queue SET state = 1, due = NULL, why = NULL, ready = $1 WHERE job IN (SELECT job FROM queue WHERE state = 0 AND due <= $1 ORDER BY due LIMIT $2) RETURNING pool, job, attempt
