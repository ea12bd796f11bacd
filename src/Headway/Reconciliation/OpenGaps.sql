-- Along gaps_open.
SELECT what FROM gaps WHERE kind = $1 AND ended IS NULL
