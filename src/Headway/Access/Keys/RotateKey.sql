-- The new text counts at once, the one before it until then. Primary key.
UPDATE api_keys SET former = mac, former_until = $1, mac = $2 WHERE id = $3
