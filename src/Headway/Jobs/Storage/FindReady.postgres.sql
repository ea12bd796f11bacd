-- The next jobs of a pool, but for those of tenants with limits and those that another node is claiming: along queue_ready.
SELECT job, rank FROM queue WHERE pool = $1 AND state = 1 AND gate IS NULL ORDER BY rank, job LIMIT $2 FOR UPDATE SKIP LOCKED
