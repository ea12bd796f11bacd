-- Unique index on key. The tenant is in the key; asked for again, it needs no trust in a MAC.
SELECT job, body, media_type, model, pieces, created, expires FROM cached_answers WHERE key = $1 AND tenant = $2 AND expires > $3 AND created >= $4
