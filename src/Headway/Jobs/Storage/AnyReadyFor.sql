-- Whether something of a tenant can be claimed in a pool, whatever its limit, and whether something is that counts against it: the first entries of its parts of
-- queue_of_tenant and queue_gated. Each in its order, or another index seems as good.
SELECT CASE WHEN (SELECT job FROM queue WHERE pool = $1 AND tenant = $2 AND tenant IS NOT NULL AND state = 1 AND gate IS NULL ORDER BY rank, job LIMIT 1) IS NULL THEN 0 ELSE 1 END,
    CASE WHEN (SELECT job FROM queue WHERE pool = $1 AND gate = $2 AND state = 1 ORDER BY rank, job LIMIT 1) IS NULL THEN 0 ELSE 1 END
