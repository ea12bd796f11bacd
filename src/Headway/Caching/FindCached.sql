-- Unique index on key.
SELECT job, body, media_type, model, created, expires FROM cached_answers WHERE key = $1 AND expires > $2
