-- Whether something of a tenant can be claimed in a pool: the first entry of its part of queue_of_tenant or, if it has limits, of queue_gated. Each in its order, or another index seems as good.
SELECT 1 WHERE (SELECT job FROM queue WHERE pool = $1 AND tenant = $2 AND tenant IS NOT NULL AND state = 1 AND gate IS NULL ORDER BY rank, job LIMIT 1) IS NOT NULL
    OR (SELECT job FROM queue WHERE pool = $1 AND gate = $2 AND state = 1 ORDER BY rank, job LIMIT 1) IS NOT NULL
