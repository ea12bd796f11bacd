-- Numbers rise: it is the newest. One that another node keeps at the same moment stands.
INSERT INTO cached_answers (tenant, key, job, body, media_type, model, pieces, size, created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (key) DO NOTHING
