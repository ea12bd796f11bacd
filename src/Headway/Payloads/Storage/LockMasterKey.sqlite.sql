-- The one row; there is one writer.
SELECT proof FROM master_key WHERE id = 1
