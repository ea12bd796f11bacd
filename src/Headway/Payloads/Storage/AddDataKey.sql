-- The first one of a generation stays: every later one reads it back.
INSERT INTO data_keys (tenant, subject, generation, wrapped, created) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
