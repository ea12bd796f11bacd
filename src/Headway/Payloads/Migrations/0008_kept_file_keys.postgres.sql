-- As 0008_kept_file_keys.sqlite.sql, in the types of PostgreSQL.
ALTER TABLE kept_files ADD COLUMN key bytea, ADD COLUMN fingerprint bytea;

CREATE UNIQUE INDEX kept_files_key ON kept_files (tenant, key) WHERE key IS NOT NULL;
