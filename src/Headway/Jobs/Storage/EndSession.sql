-- The lease of a worker that leaves, once nothing is held under it. Primary key; along queue_handed.
DELETE FROM leases WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM queue WHERE until IS NOT NULL AND state = 2 AND lease = $1)
