-- The next jobs of a pool, but for those of tenants with limits: along queue_ready.
SELECT job, rank FROM queue WHERE pool = $1 AND state = 1 AND gate IS NULL ORDER BY rank, job LIMIT $2
