-- The record, at acceptance or, for a call answered at once, when it ended.
INSERT INTO jobs (id, tenant, actor, definition, mode, state, priority, created, started, finished, deadline, deliver_by, traceparent,
    subject, about, searchable, endpoint, attempt, queued, input, input_type, result, result_type, error_code, error_kind, fingerprint, error,
    model, input_tokens, output_tokens, nano_usd, node, prune, cached, last_event, shown, parent)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, coalesce($36, 0), $37)
