-- There is one writer: nobody else tells anything of them meanwhile.
SELECT 1 WHERE $1 IS NULL
