-- When a key was last used; nodes tell in any order. Primary key.
UPDATE api_keys SET used = $1 WHERE id = $2 AND (used IS NULL OR used < $1)
