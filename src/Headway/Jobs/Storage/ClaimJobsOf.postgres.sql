-- As ClaimJobs, but only what is of one tenant: the inner select walks queue_of_tenant. In order of the tenant and by a range of one, or PostgreSQL walks queue_ready past others where it believes the queue to be almost empty.
WITH alive AS MATERIALIZED (SELECT id FROM leases WHERE id = $1 AND expires > $2 FOR KEY SHARE),
    next AS MATERIALIZED (SELECT job FROM queue WHERE pool = $3 AND tenant >= $4 AND tenant <= $4 AND tenant IS NOT NULL AND state = 1 AND gate IS NULL AND EXISTS (SELECT 1 FROM alive) ORDER BY tenant, rank, job LIMIT $5 FOR UPDATE SKIP LOCKED),
    claimed AS (
        UPDATE queue q SET state = 2, lease = $1, attempt = q.attempt + 1, started = $2 WHERE q.job = ANY (ARRAY(SELECT job FROM next))
        RETURNING q.job, q.attempt, q.failures, q.crashes, q.rank, q.tally),
    told AS (
        INSERT INTO audit_events (job, id, tenant, actor, action, definition, subject, data, node)
        SELECT j.id, greatest($2 * 1000, coalesce((SELECT max(e.id) + 1 FROM audit_events e WHERE e.job = j.id), 0)), j.tenant, j.actor, 'started', j.definition, j.subject, $6, $7
        FROM claimed c JOIN jobs j ON j.id = c.job)
SELECT job, attempt, failures, crashes, rank, tally FROM claimed ORDER BY rank, job
