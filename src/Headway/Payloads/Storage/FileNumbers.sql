SELECT number FROM files WHERE job = $1
