-- A key is kept as long as the record it leads to. Primary keys of both tables.
SELECT i.job, i.fingerprint FROM idempotency i
WHERE i.pool = $1 AND i.tenant = $2 AND i.key = $3 AND i.expires >= $4 AND EXISTS (SELECT 1 FROM jobs j WHERE j.id = i.job)
