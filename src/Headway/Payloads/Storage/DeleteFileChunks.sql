DELETE FROM file_chunks WHERE job = $1
