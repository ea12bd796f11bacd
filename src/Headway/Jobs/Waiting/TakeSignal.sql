-- The job gets it. Primary key.
UPDATE signals SET taken = $1 WHERE job = $2 AND number = $3
