-- The next jobs of a pool, in order of rank, passing over what another node is claiming: the inner select walks queue_ready, the update goes by
-- primary key. Materialized, so that it is locked once, and no more than asked. Nothing under a lease that ran out: its node has been paused, and does
-- not know it yet; the lock keeps the lease in its place until this transaction has ended. `started` is told here, as AuditStarted does (numbers: Audit/NextEvent), because two more
-- trips would cost more than the rest.
WITH alive AS MATERIALIZED (SELECT id FROM leases WHERE id = $1 AND expires > $2 FOR KEY SHARE),
    next AS MATERIALIZED (SELECT job FROM queue WHERE pool = $3 AND state = 1 AND gate IS NULL AND EXISTS (SELECT 1 FROM alive) ORDER BY rank, job LIMIT $4 FOR UPDATE SKIP LOCKED),
    claimed AS (
        UPDATE queue q SET state = 2, lease = $1, attempt = q.attempt + 1, started = $2 WHERE q.job = ANY (ARRAY(SELECT job FROM next))
        RETURNING q.job, q.attempt, q.failures, q.crashes, q.rank, q.tally),
    told AS (
        INSERT INTO audit_events (job, id, tenant, actor, action, definition, subject, data, node)
        SELECT j.id, greatest($2 * 1000, coalesce((SELECT max(e.id) + 1 FROM audit_events e WHERE e.job = j.id), 0)), j.tenant, j.actor, 'started', j.definition, j.subject, $5, $6
        FROM claimed c JOIN jobs j ON j.id = c.job)
SELECT job, attempt, failures, crashes, rank, tally FROM claimed ORDER BY rank, job
