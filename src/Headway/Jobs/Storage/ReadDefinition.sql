-- Primary key; the unique name of the pool that gives its calls their idempotency keys.
SELECT d.json, d.pool, d.data, p.id FROM definitions d LEFT JOIN pools p ON p.name = d.feature || '@' || d.version WHERE d.id = $1
