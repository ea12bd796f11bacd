-- Scheduled jobs whose time has come, along queue_due, but for those that another node is promoting. Each then takes its turn.
WITH due AS MATERIALIZED (SELECT job FROM queue WHERE state = 0 AND due <= $1 ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED)
UPDATE queue q SET state = 1, due = NULL, why = NULL, ready = $1 FROM due WHERE q.job = due.job RETURNING q.pool, q.job, q.attempt
