-- One job with its place in the queue. Primary keys.
SELECT j.id, j.tenant, j.actor, d.feature, d.version, d.pool, j.mode, coalesce(q.state, j.state), j.priority, j.created, coalesce(j.started, q.started), j.finished, j.deadline,
    j.deliver_by, j.traceparent, j.about, j.endpoint, coalesce(q.attempt, j.attempt), j.queued, j.result, j.result_type, j.error_code, j.error_kind, j.fingerprint, j.error,
    j.model, j.input_tokens, j.output_tokens, j.nano_usd, j.node, j.last_event, j.shown, q.rank, q.due, q.why, q.progress, j.definition, j.subject, j.input, j.cached, q.gate, j.input_type, j.parent, q.asked, j.rerun_of
FROM jobs j JOIN definitions d ON d.id = j.definition LEFT JOIN queue q ON q.job = j.id
