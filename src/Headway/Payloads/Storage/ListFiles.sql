-- By the first column of the primary key, in its order.
SELECT number, description FROM files WHERE job = $1 AND description IS NOT NULL ORDER BY number
