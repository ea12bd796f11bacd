-- The one row.
SELECT proof FROM master_key WHERE id = 1
