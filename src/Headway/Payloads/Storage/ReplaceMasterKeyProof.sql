-- The one row.
UPDATE master_key SET proof = $1 WHERE id = 1
