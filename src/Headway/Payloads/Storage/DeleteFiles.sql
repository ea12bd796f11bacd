DELETE FROM files WHERE job = $1
