-- Unclaimed jobs past their deadline, along queue_deadline. A running one is ended by its own attempt.
SELECT q.job, q.attempt, q.failures, q.started, j.definition, j.tenant, j.actor, j.subject, d.data, d.json, q.state, q.pool, j.priority, j.parent, j.endpoint
FROM queue q JOIN jobs j ON j.id = q.job JOIN definitions d ON d.id = j.definition WHERE q.deadline <= $1 AND q.state <> 2 LIMIT $2
