-- As on SQLite, passing over what another node gives up.
WITH old AS MATERIALIZED (SELECT id FROM deliveries WHERE endpoint = $2 AND state = 0 AND claimed IS NULL AND due <= $3 ORDER BY due, id LIMIT $4 FOR UPDATE SKIP LOCKED)
UPDATE deliveries d SET state = 2, attempts = d.attempts + 1, ended = $1 FROM old WHERE d.id = old.id RETURNING d.id, d.job, d.attempts
