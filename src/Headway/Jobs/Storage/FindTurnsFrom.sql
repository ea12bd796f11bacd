-- The tenants with turns after a place, in the order of the key, with the end of the turns of each beside its pool's time: as in ReadTurn, over all lanes.
-- Primary keys.
SELECT ends.pool, ends.tenant, max(ends.turn), p.turn
FROM (
    SELECT lanes.pool, lanes.tenant, lanes.base + CAST(sum(lanes.charged) OVER (PARTITION BY lanes.pool, lanes.tenant ORDER BY lanes.lane DESC) AS bigint) AS turn
    FROM (
        SELECT t.pool, t.tenant, t.lane, max(t.base) AS base, sum(t.charged) AS charged
        FROM (SELECT pool, tenant FROM turns WHERE (pool, tenant) > ($1, $2) GROUP BY pool, tenant ORDER BY pool, tenant LIMIT $3) AS next
        JOIN turns t ON t.pool = next.pool AND t.tenant = next.tenant GROUP BY t.pool, t.tenant, t.lane) AS lanes) AS ends
JOIN pools p ON p.id = ends.pool GROUP BY ends.pool, ends.tenant, p.turn ORDER BY ends.pool, ends.tenant
