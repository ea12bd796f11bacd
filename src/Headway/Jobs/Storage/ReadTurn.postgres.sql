-- Where a pool is, and what is charged to a tenant in a lane and in those above it, the highest first. Each is looked up once, however many calls ask. Primary keys.
SELECT flows.turn, flows.of, flows.base, flows.charged, asked.ord FROM (
    SELECT f.asked, p.turn, t.lane AS of, max(t.base) AS base, sum(t.charged)::bigint AS charged
    FROM (SELECT tenant, lane, pool, array_agg(ord) AS asked FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS f (tenant, lane, pool, ord) GROUP BY tenant, lane, pool) AS f
    JOIN pools p ON p.id = f.pool LEFT JOIN turns t ON t.pool = f.pool AND t.tenant = f.tenant AND t.lane >= f.lane GROUP BY f.asked, p.turn, t.lane) AS flows
CROSS JOIN LATERAL unnest(flows.asked) AS asked (ord) ORDER BY asked.ord, flows.of DESC
