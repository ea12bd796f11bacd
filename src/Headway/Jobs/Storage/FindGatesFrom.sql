-- The tenants with limits of which a pool's note says where they go on, after a place, and whether anything of them waits there: primary key, then queue_gated.
SELECT g.pool, g.tenant, CASE WHEN EXISTS (SELECT 1 FROM queue q WHERE q.pool = g.pool AND q.gate = g.tenant AND q.state = 1 AND q.gate IS NOT NULL) THEN 1 ELSE 0 END
FROM gate_turns g WHERE (g.pool, g.tenant) > ($1, $2) ORDER BY g.pool, g.tenant LIMIT $3
