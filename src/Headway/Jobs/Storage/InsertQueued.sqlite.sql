-- What can be claimed, or (with a lease) is claimed from the start.
INSERT INTO queue (job, pool, state, rank, due, deadline, lease, attempt, started, why, cache_input, cache_anew, gate, tenant)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
