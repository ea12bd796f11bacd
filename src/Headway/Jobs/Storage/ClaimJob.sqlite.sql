-- One job that was found ready. Primary key.
UPDATE queue SET state = 2, lease = $1, attempt = attempt + 1, started = $2 WHERE job = $3 AND state = 1 RETURNING attempt, failures, crashes, tally
