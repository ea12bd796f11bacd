-- The first one stays: every later one reads it back. None is added under a master key that is not in force any more. Primary keys.
INSERT INTO tenant_keys (tenant, wrapped, created) SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM master_key WHERE id = 1 AND proof = $4) ON CONFLICT DO NOTHING
