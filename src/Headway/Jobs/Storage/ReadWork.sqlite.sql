-- What a claimed job needs to be run, and whether the claim still holds: it may have been cancelled since. Primary keys.
SELECT j.tenant, j.actor, j.definition, j.mode, j.subject, j.about, j.traceparent, j.deadline, j.input_type, p.body, j.created, q.cache_input, q.cache_anew, q.attempt, j.replay_model, j.parent, j.rerun_of, j.endpoint
FROM jobs j LEFT JOIN payloads p ON p.id = j.input LEFT JOIN queue q ON q.job = j.id AND q.lease = $1 AND q.attempt = $2 WHERE j.id = $3
