-- Index: UNIQUE (job, number, chunk), by its first two columns. Always together with DeleteFile.
DELETE FROM file_chunks WHERE job = $1 AND number = $2
