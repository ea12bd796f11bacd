-- There is one writer: nobody else renews anything meanwhile.
SELECT 1 WHERE $1 IS NULL
