-- What a lost lease held, along queue_held, or one job of it; but for what another node is rescuing.
SELECT q.job, q.attempt, q.failures, q.crashes, q.started, j.mode, j.definition, j.tenant, j.actor, j.subject, d.data, d.json, j.parent, j.endpoint
FROM queue q JOIN jobs j ON j.id = q.job JOIN definitions d ON d.id = j.definition
WHERE q.state = 2 AND q.lease = $1 AND ($2 IS NULL OR q.job = $2) LIMIT $3 FOR UPDATE OF q SKIP LOCKED
