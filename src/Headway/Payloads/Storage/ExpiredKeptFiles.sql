-- Index: kept_files_expires, the longest overdue first; but for those of a subject under a legal hold (primary key).
SELECT id FROM kept_files k WHERE expires <= $1 AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.tenant = k.tenant AND h.subject = k.subject) ORDER BY expires LIMIT $2
