-- The writer has just seen that the key is free or no longer kept. Primary key.
INSERT INTO idempotency (pool, tenant, key, fingerprint, job, expires) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (pool, tenant, key) DO UPDATE SET fingerprint = excluded.fingerprint, job = excluded.job, expires = excluded.expires
