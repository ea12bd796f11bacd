-- Facts: what is written twice is written once. Primary key.
INSERT INTO model_calls (job, attempt, number, at, model, provider_model, input_tokens, output_tokens, nano_usd, estimated, error_code, step) SELECT job,
    attempt, number, at, model, provider_model, input_tokens, output_tokens, nano_usd, estimated, error_code, step FROM unnest($1::uuid[], $2::bigint[],
    $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[], $12::text[]) AS asked (job, attempt,
    number, at, model, provider_model, input_tokens, output_tokens, nano_usd, estimated, error_code, step) ON CONFLICT (job, attempt, number) DO NOTHING
