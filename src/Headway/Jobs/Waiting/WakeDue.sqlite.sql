-- Jobs whose waiting has an end that has come, along queue_asleep. Each then takes its turn.
UPDATE queue SET state = 1, due = NULL, why = NULL, ready = $1 WHERE job IN (SELECT job FROM queue WHERE state = 3 AND due <= $1 ORDER BY due LIMIT $2) RETURNING pool, job, attempt
