-- Only a key that is free, or no longer kept. Primary key; the job by its own.
INSERT INTO idempotency (pool, tenant, key, fingerprint, job, expires) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (pool, tenant, key) DO UPDATE SET fingerprint = excluded.fingerprint, job = excluded.job, expires = excluded.expires
    WHERE idempotency.expires < $7 OR NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = idempotency.job)
