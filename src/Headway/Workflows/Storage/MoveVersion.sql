-- The job goes on with another version of its code, if it is under way or dead and still of the one that was found. Primary key.
UPDATE jobs SET code = $1 WHERE id = $2 AND state IN (0, 7) AND coalesce(code, 1) = $3
