-- Everything a lease holds, along queue_held; asked on a shared database only, which has that index.
SELECT q.job, q.attempt, q.failures, q.crashes, q.started, j.mode FROM queue q JOIN jobs j ON j.id = q.job WHERE q.state = 2 AND q.lease = $1
