-- Records, at acceptance or, for calls answered at once, when they ended.
INSERT INTO jobs (id, tenant, actor, definition, mode, state, priority, created, started, finished, deadline, deliver_by, traceparent, subject, about,
    searchable, endpoint, attempt, queued, input, input_type, result, result_type, error_code, error_kind, fingerprint, error, model, input_tokens,
    output_tokens, nano_usd, node, prune, cached, last_event, shown, parent) SELECT id, tenant, actor, definition, mode, state, priority, created, started,
    finished, deadline, deliver_by, traceparent, subject, about, searchable, endpoint, attempt, queued, input, input_type, result, result_type,
    error_code, error_kind, fingerprint, error, model, input_tokens, output_tokens, nano_usd, node, prune, cached, last_event, coalesce(shown, 0), parent FROM
    unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
    $11::bigint[], $12::bigint[], $13::text[], $14::bytea[], $15::bytea[], $16::text[], $17::text[], $18::bigint[], $19::bigint[], $20::bigint[],
    $21::text[], $22::bigint[], $23::text[], $24::text[], $25::bigint[], $26::text[], $27::bytea[], $28::text[], $29::bigint[], $30::bigint[],
    $31::bigint[], $32::text[], $33::bigint[], $34::uuid[], $35::bigint[], $36::bigint[], $37::uuid[]) AS asked (id, tenant, actor, definition, mode, state,
    priority, created, started, finished, deadline, deliver_by, traceparent, subject, about, searchable, endpoint, attempt, queued, input, input_type,
    result, result_type, error_code, error_kind, fingerprint, error, model, input_tokens, output_tokens, nano_usd, node, prune, cached, last_event,
    shown, parent)
