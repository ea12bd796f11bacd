-- Appended: its number is the highest.
INSERT INTO cached_answers (key, job, body, media_type, model, created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)
