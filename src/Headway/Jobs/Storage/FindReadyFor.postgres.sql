-- As FindReady, but only what is of one tenant: along queue_ready past what others have waiting; each job's record by primary key.
SELECT q.job, q.rank FROM queue q JOIN jobs j ON j.id = q.job WHERE q.pool = $1 AND q.state = 1 AND q.gate IS NULL AND j.tenant = $2
ORDER BY q.rank, q.job LIMIT $3 FOR UPDATE OF q SKIP LOCKED
