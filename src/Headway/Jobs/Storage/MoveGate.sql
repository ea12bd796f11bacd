-- From which turn on a tenant with limits goes on in a pool. Primary key.
INSERT INTO gate_turns (pool, tenant, turn) VALUES ($1, $2, $3) ON CONFLICT (pool, tenant) DO UPDATE SET turn = excluded.turn
