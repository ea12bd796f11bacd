-- Index: UNIQUE (tenant, subject, generation), read from its end.
SELECT id, subject, generation, wrapped, uses FROM data_keys WHERE tenant = $1 AND subject = $2 ORDER BY generation DESC LIMIT 1
