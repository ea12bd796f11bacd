-- What an attempt spent is a fact, whoever has its job by now: no fence. Primary key.
UPDATE jobs SET input_tokens = input_tokens + $1, output_tokens = output_tokens + $2, nano_usd = nano_usd + $3 WHERE id = $4
