-- As ClaimJobs, but only what is of one tenant: the inner select walks queue_of_tenant.
UPDATE queue SET state = 2, lease = $1, attempt = attempt + 1, started = $2
WHERE job IN (SELECT job FROM queue WHERE pool = $3 AND tenant = $4 AND tenant IS NOT NULL AND state = 1 AND gate IS NULL ORDER BY rank, job LIMIT $5)
RETURNING job, attempt, failures, crashes, rank, tally
