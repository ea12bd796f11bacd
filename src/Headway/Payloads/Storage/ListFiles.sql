SELECT number, description FROM files WHERE job = $1 AND description IS NOT NULL ORDER BY number
