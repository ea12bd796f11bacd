-- What the lost lease of a worker held: along queue_handed, which is as long as what workers hold, and not as the queue.
SELECT q.job, q.attempt, q.failures, q.crashes, q.started, j.mode, j.definition, j.tenant, j.actor, j.subject, d.data, d.json, j.parent, j.endpoint
FROM queue q JOIN jobs j ON j.id = q.job JOIN definitions d ON d.id = j.definition
WHERE q.until IS NOT NULL AND q.state = 2 AND q.lease = $1 LIMIT $2
