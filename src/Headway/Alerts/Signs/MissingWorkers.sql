-- Along gaps_open.
SELECT what, feature FROM gaps WHERE kind = $1 AND ended IS NULL ORDER BY what LIMIT $2
