-- Whether keys have changed. Primary key.
SELECT number FROM api_key_changes WHERE id = 1
