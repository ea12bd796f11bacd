-- The writer has just seen that there is room. Primary key.
INSERT INTO model_slots (model, lease, slots) VALUES ($1, $2, $3) ON CONFLICT (model, lease) DO UPDATE SET slots = excluded.slots
