-- Primary key, from its end.
SELECT seq, at, hash, key, signature FROM audit_checkpoints ORDER BY seq DESC LIMIT 1
