-- One try. Primary key.
INSERT INTO delivery_attempts (delivery, number, started, took, node, outcome, status, endpoint) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (delivery, number) DO NOTHING
