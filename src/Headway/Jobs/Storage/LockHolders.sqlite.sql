-- There is one writer: nobody else ends anything meanwhile.
SELECT 1 WHERE $1 IS NULL
