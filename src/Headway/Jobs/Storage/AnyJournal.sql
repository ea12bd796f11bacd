-- Whether a job has got anything that it would be given again. Primary key.
SELECT 1 FROM journal WHERE job = $1 LIMIT 1
