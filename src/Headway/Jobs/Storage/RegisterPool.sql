-- The name is unique; the number is what rows carry.
INSERT INTO pools (name) VALUES ($1) ON CONFLICT (name) DO NOTHING
