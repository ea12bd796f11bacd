-- Index: UNIQUE (job, number, chunk).
SELECT body FROM file_chunks WHERE job = $1 AND number = $2 AND chunk = $3
