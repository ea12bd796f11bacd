-- What this node has of a pool, told to the others. Primary key (lease, pool).
INSERT INTO pool_shares (lease, pool, slots, taken, measured, took) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (lease, pool) DO UPDATE SET slots = excluded.slots, taken = excluded.taken, measured = excluded.measured, took = excluded.took
