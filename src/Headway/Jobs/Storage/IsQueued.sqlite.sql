-- Whether a job is under way. Primary key.
SELECT EXISTS (SELECT 1 FROM queue WHERE job = $1)
