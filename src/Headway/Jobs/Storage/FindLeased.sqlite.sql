-- What a lost lease held, or one job of it. By job it is the primary key; by lease a scan of the narrow table, only when a node died.
SELECT q.job, q.attempt, q.failures, q.crashes, q.started, j.mode, j.definition, j.tenant, j.actor, j.subject, d.data, d.json, j.parent, j.endpoint
FROM queue q JOIN jobs j ON j.id = q.job JOIN definitions d ON d.id = j.definition
WHERE q.state = 2 AND q.lease = $1 AND q.job >= coalesce($2, x'') AND q.job <= coalesce($2, x'ffffffffffffffffffffffffffffffffff') LIMIT $3
