-- The first start, once. Primary key.
UPDATE jobs SET started = $1, queued = $1 - created WHERE id = $2 AND started IS NULL
