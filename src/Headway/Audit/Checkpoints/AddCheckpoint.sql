-- Primary key.
INSERT INTO audit_checkpoints (seq, at, hash, key, signature) VALUES ($1, $2, $3, $4, $5)
