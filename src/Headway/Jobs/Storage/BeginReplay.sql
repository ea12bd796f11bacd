-- Only a key that is free, or no longer kept. Primary key.
INSERT INTO replays (tenant, key, fingerprint, owner, until, touched, expires, report) VALUES ($1, $2, $3, $4, $5, $5, $6, $7)
ON CONFLICT (tenant, key) DO UPDATE SET fingerprint = excluded.fingerprint, owner = excluded.owner, until = excluded.until, touched = excluded.touched,
    expires = excluded.expires, report = excluded.report, after = NULL, done = 0 WHERE replays.expires < excluded.touched
