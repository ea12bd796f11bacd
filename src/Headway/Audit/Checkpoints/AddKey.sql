-- Primary key.
INSERT INTO audit_keys (id, chain, public, sealed, created) VALUES ($1, $2, $3, $4, $5)
