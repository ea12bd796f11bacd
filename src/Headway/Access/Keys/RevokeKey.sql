-- Primary key.
UPDATE api_keys SET revoked = $1 WHERE id = $2 AND revoked IS NULL
