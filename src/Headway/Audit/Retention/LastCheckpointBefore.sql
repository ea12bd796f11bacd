-- The end of the largest segment that is older than a time, of the next checkpoints. Primary key.
SELECT seq, at, hash, key, signature FROM (SELECT * FROM audit_checkpoints WHERE seq > $1 ORDER BY seq LIMIT $2) AS next WHERE at < $3 ORDER BY seq DESC LIMIT 1
