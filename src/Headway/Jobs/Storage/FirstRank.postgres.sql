-- The rank of the first job of each pool that can be claimed, if there is one: the first entry of queue_ready. And whether tenants with limits have something
-- waiting, by the first entry of queue_gated: which of them may run is not asked here. Each pool is looked at once, however many calls ask.
SELECT pools.rank, CASE WHEN pools.gated THEN 1 ELSE 0 END, asked.ord FROM (
    SELECT p.asked, (SELECT q.rank FROM queue q WHERE q.pool = p.pool AND q.state = 1 AND q.gate IS NULL ORDER BY q.rank, q.job LIMIT 1) AS rank,
        EXISTS (SELECT 1 FROM queue q WHERE q.pool = p.pool AND q.state = 1 AND q.gate IS NOT NULL) AS gated
    FROM (SELECT pool, array_agg(ord) AS asked FROM unnest($1::bigint[]) WITH ORDINALITY AS p (pool, ord) GROUP BY pool) AS p OFFSET 0) AS pools
CROSS JOIN LATERAL unnest(pools.asked) AS asked (ord)
