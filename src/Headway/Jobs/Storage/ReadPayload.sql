-- Primary key.
SELECT body FROM payloads WHERE id = $1
