-- The next jobs of a pool, in order of rank: the inner select walks queue_ready, the update goes by primary key.
UPDATE queue SET state = 2, lease = $1, attempt = attempt + 1, started = $2
WHERE job IN (SELECT job FROM queue WHERE pool = $3 AND state = 1 AND gate IS NULL ORDER BY rank, job LIMIT $4)
RETURNING job, attempt, failures, crashes, rank, tally
