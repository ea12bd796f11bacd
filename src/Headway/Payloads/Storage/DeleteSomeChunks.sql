-- Index: UNIQUE (job, number, chunk), by its first two columns.
DELETE FROM file_chunks WHERE id IN (SELECT id FROM file_chunks WHERE job = $1 AND number = $2 LIMIT $3)
