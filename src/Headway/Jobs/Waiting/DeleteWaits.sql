-- The job waits for nothing any more. Primary key prefix.
DELETE FROM waits WHERE job = $1
