-- Primary key.
INSERT INTO audit_segments (last, hash, at, keep, key, signature) VALUES ($1, $2, $3, $4, $5, $6)
