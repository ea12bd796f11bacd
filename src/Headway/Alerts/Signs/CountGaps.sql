-- Gaps of a kind that wait for a person, counted along gaps_open up to a cap.
SELECT count(*) FROM (SELECT 1 FROM gaps WHERE kind = $1 AND ended IS NULL LIMIT $2) AS counted
