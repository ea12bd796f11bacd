DELETE FROM file_chunks WHERE job = $1 AND number = $2
