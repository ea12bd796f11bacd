-- What still counts, at most two minutes of it. Primary key range.
SELECT second, requests, tokens FROM model_grants WHERE model = $1 AND second > $2 ORDER BY second
