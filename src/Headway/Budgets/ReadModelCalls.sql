-- Primary key prefix.
SELECT attempt, number, at, model, provider_model, input_tokens, output_tokens, nano_usd, estimated, error_code, step FROM model_calls WHERE job = $1 ORDER BY attempt, number
