-- As FindReady, but only what is of one tenant: along queue_of_tenant.
SELECT job, rank FROM queue WHERE pool = $1 AND tenant = $2 AND tenant IS NOT NULL AND state = 1 AND gate IS NULL ORDER BY rank, job LIMIT $3 FOR UPDATE SKIP LOCKED
