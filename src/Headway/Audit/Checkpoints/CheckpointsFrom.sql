-- Primary key.
SELECT seq, at, hash, key, signature FROM audit_checkpoints WHERE seq >= $1 ORDER BY seq LIMIT $2
