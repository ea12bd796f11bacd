-- It asked for a pause. Primary key.
INSERT INTO endpoints AS e (name, failures, held) VALUES ($1, 0, $2) ON CONFLICT (name) DO UPDATE SET held = greatest(e.held, $2)
