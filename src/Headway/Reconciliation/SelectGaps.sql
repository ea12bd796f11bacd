-- Newest first, along the primary key. Those of no tenant concern all.
SELECT id, kind, what, feature, job, amount, found, seen, ended, did FROM gaps
WHERE id < $1 AND (tenant IS NULL OR tenant = $2) AND (kind = $3 OR $4 = 1) AND (ended IS NULL OR $5 = 1) ORDER BY id DESC LIMIT $6
