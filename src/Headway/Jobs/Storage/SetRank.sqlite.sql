-- The turn of a job that comes back, or whose time has come. Primary key.
UPDATE queue SET rank = $1 WHERE job = $2
