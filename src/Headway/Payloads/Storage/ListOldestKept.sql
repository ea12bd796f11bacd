-- Index: kept_files_tenant, in its order from the last file that is known; those of another purpose are passed over, as many as a tenant may keep at most.
SELECT k.id, k.purpose, k.created, k.expires, k.subject, f.description FROM kept_files k JOIN files f ON f.job = k.id AND f.number = 1
WHERE k.tenant = $1 AND k.id > $2 AND ($3 IS NULL OR k.purpose = $3) AND (k.expires IS NULL OR k.expires > $4) ORDER BY k.id ASC LIMIT $5
