-- Attempts of workers that are to be cut off: first entries of queue_handed; the lease by its primary key.
SELECT q.job, q.lease, q.attempt, q.failures, q.crashes, q.started, coalesce(l.node, ''), q.tally FROM queue q LEFT JOIN leases l ON l.id = q.lease
WHERE q.until IS NOT NULL AND q.until <= $1 AND q.state = 2 ORDER BY q.until LIMIT $2
