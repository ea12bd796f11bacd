-- The key that an upload was made under, for as long as its file is there: a repeat gets the same file, and other content none.
ALTER TABLE kept_files ADD COLUMN key BLOB;            -- keyed MAC
ALTER TABLE kept_files ADD COLUMN fingerprint BLOB;    -- keyed MAC of what was sent under it

CREATE UNIQUE INDEX kept_files_key ON kept_files (tenant, key) WHERE key IS NOT NULL;
