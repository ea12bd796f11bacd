-- Primary key, from its end.
SELECT last, hash, at, keep, key, signature FROM audit_segments ORDER BY last DESC LIMIT 1
