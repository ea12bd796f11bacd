-- Attempts that did not end well. Primary key (job, number).
INSERT INTO attempts (job, number, started, finished, outcome, node, model, error_code, error_kind, fingerprint, error, input_tokens, output_tokens,
    nano_usd) SELECT job, number, started, finished, outcome, node, model, error_code, error_kind, fingerprint, error, input_tokens, output_tokens,
    nano_usd FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
    $10::text[], $11::bytea[], $12::bigint[], $13::bigint[], $14::bigint[]) AS asked (job, number, started, finished, outcome, node, model,
    error_code, error_kind, fingerprint, error, input_tokens, output_tokens, nano_usd) ON CONFLICT (job, number) DO NOTHING
