-- The first one stays: every later one reads it back. None is added under a master key that is not in force any more: whoever changes it waits for this row, and
-- this for him. Primary keys.
INSERT INTO tenant_keys (tenant, wrapped, created) SELECT $1, $2, $3 FROM (SELECT 1 FROM master_key WHERE id = 1 AND proof = $4 FOR SHARE) AS force ON CONFLICT DO NOTHING
