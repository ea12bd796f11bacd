-- When a job was begun for the first time. Primary key.
SELECT started FROM attempts WHERE job = $1 AND number = 1
