-- Held back for an owner, on top of what is held already. Primary key.
INSERT INTO reservations (owner, budget, nano) VALUES ($1, $2, $3) ON CONFLICT (owner, budget) DO UPDATE SET nano = reservations.nano + excluded.nano
