-- The first one stays: every later one reads it back.
INSERT INTO tenant_keys (tenant, wrapped, created) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
