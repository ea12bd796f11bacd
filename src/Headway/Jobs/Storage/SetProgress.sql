-- Under the fence. Primary key.
UPDATE queue SET progress = $1 WHERE job = $2 AND lease = $3 AND attempt = $4
