-- The one writer has the whole file: nothing to lock.
SELECT 1 WHERE $1 IS NULL AND $2 IS NULL
