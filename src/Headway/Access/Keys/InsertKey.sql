-- Primary key.
INSERT INTO api_keys (id, tenant, everywhere, name, roles, features, priority, rate, mac, created, creator, expires)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
