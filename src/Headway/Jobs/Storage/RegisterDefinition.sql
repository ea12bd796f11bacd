-- The same definition is stored once, however often it is served.
INSERT INTO definitions (hash, feature, version, pool, data, json, created) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (hash) DO NOTHING
