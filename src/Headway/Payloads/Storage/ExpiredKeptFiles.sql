-- Index: kept_files_expires, the longest overdue first.
SELECT id FROM kept_files WHERE expires <= $1 ORDER BY expires LIMIT $2
