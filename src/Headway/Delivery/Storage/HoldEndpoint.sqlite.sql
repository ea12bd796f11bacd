-- It asked for a pause. Primary key.
INSERT INTO endpoints (name, failures, held) VALUES ($1, 0, $2) ON CONFLICT (name) DO UPDATE SET held = max(coalesce(held, $2), $2)
