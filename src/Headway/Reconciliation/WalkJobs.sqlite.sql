-- Records in the order of their acceptance, with what must be there beside them: the place in the queue, and the events that tell of beginning and end. Primary keys.
SELECT j.id, j.tenant, j.state, j.mode, d.feature, j.finished, d.pool,
    EXISTS (SELECT 1 FROM queue q WHERE q.job = j.id), EXISTS (SELECT 1 FROM audit_events e WHERE e.job = j.id),
    EXISTS (SELECT 1 FROM audit_events e WHERE e.job = j.id AND e.action IN ('completed', 'died', 'cancelled', 'served', 'failed', 'abandoned')), j.created
FROM jobs j JOIN definitions d ON d.id = j.definition WHERE j.id > $1 AND j.created < $2 ORDER BY j.id LIMIT $3
