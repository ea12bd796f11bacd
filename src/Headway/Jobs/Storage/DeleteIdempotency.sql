-- Along idempotency_expires, a bounded batch.
DELETE FROM idempotency WHERE (pool, tenant, key) IN (SELECT pool, tenant, key FROM idempotency WHERE expires < $1 LIMIT $2)
