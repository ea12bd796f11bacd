-- It wants nothing any more, under this address and secret. Primary key.
INSERT INTO endpoints (name, failures, disabled, print) VALUES ($1, 0, $2, $3) ON CONFLICT (name) DO UPDATE SET disabled = $2, print = $3
