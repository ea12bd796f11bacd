-- What a job waited for is there: it comes back to the queue. Primary key.
UPDATE queue SET state = 1, due = NULL, why = NULL WHERE job = $1 AND state = 3
