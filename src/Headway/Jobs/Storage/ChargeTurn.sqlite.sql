-- Charges a lane; its base never goes back. Primary key.
INSERT INTO turns (pool, tenant, lane, slot, base, charged) VALUES ($1, $2, $3, 0, $4, $5)
ON CONFLICT (pool, tenant, lane, slot) DO UPDATE SET base = max(base, excluded.base), charged = charged + excluded.charged
