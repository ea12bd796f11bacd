-- Under the fence: back to wait for `due` (a retry or a snooze), or straight to the queue. Primary key.
UPDATE queue SET state = $1, due = $2, lease = NULL, failures = $3, crashes = $4, why = $5, tally = coalesce($6, tally), ready = $7 WHERE job = $8 AND lease = $9 AND attempt = $10
