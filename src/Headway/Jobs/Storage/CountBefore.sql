-- How many claimable jobs of the pool come first, along queue_ready, and how many of the same tenant if it has limits, along queue_gated: each counted up to
-- a bound.
SELECT (SELECT count(*) FROM (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND gate IS NULL AND (rank, job) < ($2, $3) LIMIT $4) AS before)
    + (SELECT count(*) FROM (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND gate = $5 AND (rank, job) < ($2, $3) LIMIT $4) AS behind)
