-- A job that cannot be ended at its deadline. Primary key.
UPDATE queue SET deadline = NULL WHERE job = $1
