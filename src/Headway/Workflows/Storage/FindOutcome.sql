-- How the waiting for something ended. Primary key prefix.
SELECT outcome FROM journal WHERE job = $1 AND name = $2 AND occurrence = 1
