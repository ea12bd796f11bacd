-- The first one stays: a database has one master key.
INSERT INTO master_key (id, proof) VALUES (1, $1) ON CONFLICT DO NOTHING
