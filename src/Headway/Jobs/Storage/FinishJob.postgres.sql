-- The records' one finish. Primary key; the trigger refuses a second one. No job ends before it started: between the look at the clock and this
-- write it may have been claimed.
UPDATE jobs j SET state = f.state, finished = greatest(f.finished, coalesce(j.started, f.started, f.finished)), attempt = f.attempt, failures = f.failures,
    result = f.result, result_type = f.result_type, error_code = f.error_code, error_kind = f.error_kind, fingerprint = f.fingerprint, error = f.error,
    model = coalesce(f.model, j.model), input_tokens = j.input_tokens + f.input_tokens, output_tokens = j.output_tokens + f.output_tokens,
    nano_usd = j.nano_usd + f.nano_usd, node = f.node, last_event = f.last_event, shown = f.shown, prune = f.prune, cached = f.cached,
    started = coalesce(j.started, f.started), queued = coalesce(j.queued, f.started - j.created)
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::bigint[], $10::text[],
    $11::bytea[], $12::text[], $13::bigint[], $14::bigint[], $15::bigint[], $16::text[], $17::bigint[], $18::bigint[], $19::bigint[], $20::uuid[],
    $21::uuid[]) WITH ORDINALITY AS f (state, finished, started, attempt, failures, result, result_type, error_code, error_kind, fingerprint, error,
    model, input_tokens, output_tokens, nano_usd, node, last_event, shown, prune, cached, id, ord)
WHERE j.id = f.id AND j.state = 0 RETURNING f.ord
