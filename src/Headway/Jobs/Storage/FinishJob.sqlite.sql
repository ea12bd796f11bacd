-- The record's one finish. Primary key; the trigger refuses a second one. Whoever ends a job looked at the clock before this write, and in between
-- it may have been claimed: no job ends before it started.
UPDATE jobs SET state = $1, finished = max($2, coalesce(started, $3, $2)), attempt = $4, failures = $5, result = $6, result_type = $7, error_code = $8, error_kind = $9,
    fingerprint = $10, error = $11, model = coalesce($12, model), input_tokens = input_tokens + $13, output_tokens = output_tokens + $14,
    nano_usd = nano_usd + $15, node = $16, last_event = $17, shown = $18, prune = $19, cached = $20, started = coalesce(started, $3), queued = coalesce(queued, $3 - created)
WHERE id = $21 AND state = 0
