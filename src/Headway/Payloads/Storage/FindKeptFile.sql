-- By the primary keys of both. The tenant is asked for too: an id of another tenant is as good as none. What has expired is gone before it is pruned.
SELECT k.id, k.purpose, k.created, k.expires, k.subject, f.description FROM kept_files k JOIN files f ON f.job = k.id AND f.number = 1
WHERE k.id = $1 AND k.tenant = $2 AND (k.expires IS NULL OR k.expires > $3)
