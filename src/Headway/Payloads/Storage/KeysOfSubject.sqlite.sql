-- Index: UNIQUE (tenant, subject, generation).
SELECT id FROM data_keys WHERE tenant = $1 AND subject = $2
