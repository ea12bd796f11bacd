-- Along destroyed_keys_at.
SELECT id FROM destroyed_keys WHERE at >= $1
