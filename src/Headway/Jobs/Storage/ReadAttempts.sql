-- Primary key prefix.
SELECT number, started, finished, outcome, node, model, input_tokens, output_tokens, nano_usd, error_code, error_kind, fingerprint, error FROM attempts WHERE job = $1 ORDER BY number
