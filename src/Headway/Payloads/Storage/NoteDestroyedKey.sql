-- Primary key.
INSERT INTO destroyed_keys (id, tenant, at) VALUES ($1, $2, $3)
