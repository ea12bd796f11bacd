-- The next jobs of a tenant with limits in a pool, but for those that another node is claiming: along queue_gated.
SELECT job, rank FROM queue WHERE pool = $1 AND state = 1 AND gate = $2 ORDER BY rank, job LIMIT $3 FOR UPDATE SKIP LOCKED
