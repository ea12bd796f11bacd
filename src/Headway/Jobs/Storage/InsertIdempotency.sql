-- No row is returned when the key is taken and still kept. An expired one is taken over. Primary key.
INSERT INTO idempotency (pool, tenant, key, fingerprint, job, expires) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (pool, tenant, key) DO UPDATE SET fingerprint = excluded.fingerprint, job = excluded.job, expires = excluded.expires
WHERE idempotency.expires < $7
RETURNING job
