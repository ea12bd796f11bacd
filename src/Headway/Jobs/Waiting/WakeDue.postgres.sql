-- Jobs whose waiting has an end that has come, along queue_asleep, but for those that another node is waking. Each then takes its turn.
WITH due AS MATERIALIZED (SELECT job FROM queue WHERE state = 3 AND due <= $1 ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED)
UPDATE queue q SET state = 1, due = NULL, why = NULL, ready = $1 FROM due WHERE q.job = due.job RETURNING q.pool, q.job, q.attempt
