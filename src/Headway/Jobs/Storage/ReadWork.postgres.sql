-- What claimed jobs need to be run, and whether each claim still holds: it may have been cancelled since. Primary keys, and no other way (OFFSET 0), as in LeaveQueue.
SELECT j.tenant, j.actor, j.definition, j.mode, j.subject, j.about, j.traceparent, j.deadline, j.input_type, p.body, j.created, q.cache_input, q.cache_anew, q.attempt, j.replay_model, j.parent, j.rerun_of, j.endpoint, asked.ord
FROM unnest($1::bigint[], $2::bigint[], $3::uuid[]) WITH ORDINALITY AS asked (lease, attempt, job, ord)
CROSS JOIN LATERAL (SELECT * FROM jobs r WHERE r.id = asked.job OFFSET 0) AS j LEFT JOIN LATERAL (SELECT * FROM payloads i WHERE i.id = j.input OFFSET 0) AS p ON true
LEFT JOIN LATERAL (SELECT * FROM queue h WHERE h.job = asked.job AND h.lease = asked.lease AND h.attempt = asked.attempt OFFSET 0) AS q ON true
