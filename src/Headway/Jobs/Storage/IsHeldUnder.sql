-- Whether a lease holds this attempt of a job. Primary key.
SELECT 1 FROM queue WHERE job = $1 AND lease = $2 AND attempt = $3
