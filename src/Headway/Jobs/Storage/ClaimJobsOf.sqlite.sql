-- As ClaimJobs, but only what is of one tenant: the inner select walks queue_ready past what others have waiting, and asks each job's record by primary key.
UPDATE queue SET state = 2, lease = $1, attempt = attempt + 1, started = $2
WHERE job IN (SELECT q.job FROM queue q JOIN jobs j ON j.id = q.job WHERE q.pool = $3 AND q.state = 1 AND q.gate IS NULL AND j.tenant = $4 ORDER BY q.rank, q.job LIMIT $5)
RETURNING job, attempt, failures, crashes, rank, tally
