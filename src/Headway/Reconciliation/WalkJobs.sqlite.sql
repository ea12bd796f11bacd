-- Records in the order of their acceptance, with what must be there beside them: the place in the queue, and the events that tell of beginning and end; of those that are
-- late also what was put into the outbox, and whether somebody has read the result. Primary keys, and deliveries_job.
SELECT j.id, j.tenant, j.state, j.mode, d.feature, j.finished, d.pool,
    EXISTS (SELECT 1 FROM queue q WHERE q.job = j.id), EXISTS (SELECT 1 FROM audit_events e WHERE e.job = j.id),
    EXISTS (SELECT 1 FROM audit_events e WHERE e.job = j.id AND e.action IN ('completed', 'died', 'cancelled', 'served', 'failed', 'abandoned')), j.created,
    j.definition, j.endpoint, CASE WHEN j.endpoint IS NOT NULL AND j.deliver_by < $1 THEN (SELECT count(*) FROM deliveries x WHERE x.job = j.id AND x.created >= j.finished - 60000) END,
    CASE WHEN j.state = 5 AND j.result IS NOT NULL AND j.parent IS NULL AND j.mode IN (2, 3) AND j.deliver_by < $1
        AND NOT EXISTS (SELECT 1 FROM audit_events e WHERE e.job = j.id AND e.action = 'delivered' AND coalesce(e.purpose, '') <> 'webhook') THEN 1 ELSE 0 END
FROM jobs j JOIN definitions d ON d.id = j.definition WHERE j.id > $2 AND j.created < $3 ORDER BY j.id LIMIT $4
