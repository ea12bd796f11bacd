-- Only a key that is free, or no longer kept. Another node may take it while this waits for the row: the row is then read as it is now, but jobs as they
-- were when the statement began, without the one that has just taken the key. So a missing job counts only where the row led to it back then. Primary
-- keys.
INSERT INTO idempotency (pool, tenant, key, fingerprint, job, expires) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (pool, tenant, key) DO UPDATE SET fingerprint = excluded.fingerprint, job = excluded.job, expires = excluded.expires
    WHERE idempotency.expires < $7 OR NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = idempotency.job) AND EXISTS (
        SELECT 1 FROM idempotency seen WHERE seen.pool = excluded.pool AND seen.tenant = excluded.tenant AND seen.key = excluded.key AND seen.job = idempotency.job)
