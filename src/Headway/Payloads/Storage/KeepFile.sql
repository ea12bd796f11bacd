-- By the primary key of files: what the pruner took meanwhile, because the upload lasted too long, is not kept.
INSERT INTO kept_files (id, tenant, subject, purpose, bytes, created, expires, key, fingerprint)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE EXISTS (SELECT 1 FROM files WHERE job = $1 AND number = 1 AND description IS NOT NULL)
