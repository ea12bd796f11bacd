-- Primary key.
SELECT json, pool, data FROM definitions WHERE id = $1
