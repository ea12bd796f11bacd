-- Primary key.
SELECT job, fingerprint FROM idempotency WHERE pool = $1 AND tenant = $2 AND key = $3 AND expires >= $4
