-- The how-manyth run of a workflow its journal is of. Primary key.
SELECT occurrence FROM journal WHERE job = $1 AND number = 1 AND kind = 9
