-- What a claimed job needs to be run. Primary keys.
SELECT j.tenant, j.actor, j.definition, j.mode, j.subject, j.about, j.traceparent, j.deadline, j.input_type, p.body, j.created, q.cache_input, q.cache_anew
FROM jobs j LEFT JOIN payloads p ON p.id = j.input LEFT JOIN queue q ON q.job = j.id WHERE j.id = $1
