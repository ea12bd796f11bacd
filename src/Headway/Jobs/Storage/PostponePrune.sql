-- Primary key.
UPDATE jobs SET prune = $1 WHERE id = $2
