-- What an attempt that did not end the job has spent. Primary key.
UPDATE jobs SET input_tokens = input_tokens + $1, output_tokens = output_tokens + $2, nano_usd = nano_usd + $3, attempt = $4, started = coalesce(started, $5),
    queued = coalesce(queued, $5 - created) WHERE id = $6
