-- Where a pool is, and what is charged to a tenant in a lane and in those above it, the highest first. Primary keys.
SELECT p.turn, t.lane, max(t.base), sum(t.charged)::bigint FROM pools p LEFT JOIN turns t ON t.pool = p.id AND t.tenant = $1 AND t.lane >= $2
WHERE p.id = $3 GROUP BY p.turn, t.lane ORDER BY t.lane DESC
