-- A test, claimed by whoever asked for it. Primary key.
INSERT INTO deliveries (id, tenant, endpoint, event, required, created, due, attempts, tries, claimed, until, node) VALUES ($1, $2, $3, 'test', 0, $4, $4, 1, 1, 1, $5, $6)
