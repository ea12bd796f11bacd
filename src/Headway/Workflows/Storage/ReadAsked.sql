-- What people asked of a job under way. Primary key.
SELECT coalesce(asked, 0) FROM queue WHERE job = $1
