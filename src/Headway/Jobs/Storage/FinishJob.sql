-- The record's one finish. Primary key; the trigger refuses a second one.
UPDATE jobs SET state = $1, finished = $2, attempt = $3, failures = $4, result = $5, result_type = $6, error_code = $7, error_kind = $8,
    fingerprint = $9, error = $10, model = coalesce($11, model), input_tokens = input_tokens + $12, output_tokens = output_tokens + $13,
    nano_usd = nano_usd + $14, node = $15, last_event = $16, shown = $17, prune = $18, started = coalesce(started, $19), queued = coalesce(queued, $19 - created)
WHERE id = $20 AND state = 0
