-- A fact: what is written twice is written once. Primary key.
INSERT INTO model_calls (job, attempt, number, at, model, provider_model, input_tokens, output_tokens, nano_usd, estimated, error_code, step)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (job, attempt, number) DO NOTHING
