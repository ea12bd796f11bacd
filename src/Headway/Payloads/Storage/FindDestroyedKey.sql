-- Primary key.
SELECT 1 FROM destroyed_keys WHERE id = $1 AND tenant = $2
