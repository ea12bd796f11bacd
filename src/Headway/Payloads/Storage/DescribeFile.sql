UPDATE files SET description = $1 WHERE job = $2 AND number = $3
