-- Primary key.
SELECT json, pool FROM definitions WHERE id = $1
