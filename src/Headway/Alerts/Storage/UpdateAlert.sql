-- What became of one. Whoever writes holds the claim on all alerts. Primary key.
UPDATE alerts SET reason = $1, state = $2, amount = $3, threshold = $4, seen = $5, missed = $6, ended = $7, times = $8, acknowledged = $9, actor = $10, note = $11, accepted = $12, told = $13, told_at = $14 WHERE id = $15
