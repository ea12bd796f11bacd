-- Primary key.
DELETE FROM data_keys WHERE id = $1
