-- What the lost lease of a worker held, along queue_handed or queue_held; but for what another node is rescuing.
SELECT q.job, q.attempt, q.failures, q.crashes, q.started, j.mode, j.definition, j.tenant, j.actor, j.subject, d.data, d.json, j.parent, j.endpoint
FROM queue q JOIN jobs j ON j.id = q.job JOIN definitions d ON d.id = j.definition
WHERE q.until IS NOT NULL AND q.state = 2 AND q.lease = $1 LIMIT $2 FOR UPDATE OF q SKIP LOCKED
