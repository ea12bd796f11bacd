-- The job comes to the queue: what it waited for is there, or somebody wants something of it. Primary key.
UPDATE queue SET state = 1, due = NULL, why = NULL, paused_from = NULL, ready = $1 WHERE job = $2 AND state IN (0, 3, 4)
