-- Under the fence: back to wait for `due` (a retry or a snooze), or straight to the queue. Primary key.
UPDATE queue SET state = $1, due = $2, lease = NULL, failures = $3, crashes = $4, why = $5 WHERE job = $6 AND lease = $7 AND attempt = $8
