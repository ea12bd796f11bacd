-- An attempt that did not end well. Primary key (job, number).
INSERT INTO attempts (job, number, started, finished, outcome, node, model, error_code, error_kind, fingerprint, error, input_tokens, output_tokens, nano_usd)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (job, number) DO NOTHING
