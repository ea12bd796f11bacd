-- Primary keys.
SELECT j.state, j.attempt, j.priority, j.started, j.finished, j.error_code, j.error_kind, j.fingerprint, j.error, j.definition, j.tenant, j.actor, j.subject, d.pool, j.node, j.model, j.input
FROM jobs j JOIN definitions d ON d.id = j.definition WHERE j.id = $1 AND j.tenant = $2
