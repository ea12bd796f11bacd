-- How many claimable jobs of the pool come first: along queue_ready, counted up to a bound.
SELECT count(*) FROM (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND (rank, job) < ($2, $3) LIMIT $4)
