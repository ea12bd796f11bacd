-- What a claimed job needs to be run. Primary keys.
SELECT j.tenant, j.actor, j.definition, j.mode, j.subject, j.about, j.traceparent, j.deadline, j.input_type, p.body, j.created
FROM jobs j LEFT JOIN payloads p ON p.id = j.input WHERE j.id = $1
