-- As on SQLite, where a condition is a number.
SELECT j.id, j.tenant, j.state, j.mode, d.feature, j.finished, d.pool,
    EXISTS (SELECT 1 FROM queue q WHERE q.job = j.id)::int, EXISTS (SELECT 1 FROM audit_events e WHERE e.job = j.id)::int,
    EXISTS (SELECT 1 FROM audit_events e WHERE e.job = j.id AND e.action IN ('completed', 'died', 'cancelled', 'served', 'failed', 'abandoned'))::int, j.created
FROM jobs j JOIN definitions d ON d.id = j.definition WHERE j.id > $1 AND j.created < $2 ORDER BY j.id LIMIT $3
