-- `started`, with what the record knows. Primary keys of jobs, definitions and audit_events.
INSERT INTO audit_events (job, id, tenant, actor, action, definition, subject, data, node)
SELECT j.id, max($1, coalesce((SELECT max(id) + 1 FROM audit_events WHERE job = j.id), 0)), j.tenant, j.actor, 'started', j.definition, j.subject, $2, $3
FROM jobs j WHERE j.id = $4
