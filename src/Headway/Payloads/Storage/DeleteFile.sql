-- By the primary key.
DELETE FROM files WHERE job = $1 AND number = $2
