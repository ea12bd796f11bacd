-- Index: kept_files_tenant: a walk of all that the tenant keeps, which only an erasure makes.
SELECT id FROM kept_files WHERE tenant = $1 AND subject = $2 AND (expires IS NULL OR expires > $3) ORDER BY id LIMIT $4
