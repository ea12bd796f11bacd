-- The version of the workflow's code that the job stays with. Primary key.
UPDATE jobs SET code = $1 WHERE id = $2
