-- What claimed jobs need to be run, and whether each claim still holds: it may have been cancelled since. Primary keys.
SELECT j.tenant, j.actor, j.definition, j.mode, j.subject, j.about, j.traceparent, j.deadline, j.input_type, p.body, j.created, q.cache_input, q.cache_anew, q.attempt, j.replay_model, j.parent, j.rerun_of, j.endpoint, asked.ord
FROM unnest($1::bigint[], $2::bigint[], $3::uuid[]) WITH ORDINALITY AS asked (lease, attempt, job, ord)
JOIN jobs j ON j.id = asked.job LEFT JOIN payloads p ON p.id = j.input LEFT JOIN queue q ON q.job = asked.job AND q.lease = asked.lease AND q.attempt = asked.attempt
