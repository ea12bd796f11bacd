-- Primary key.
UPDATE jobs SET input = $1 WHERE id = $2
