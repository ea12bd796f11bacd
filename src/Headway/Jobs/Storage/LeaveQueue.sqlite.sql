-- Under the fence: no row is touched if the lease or the attempt is another's by now. Primary key.
DELETE FROM queue WHERE job = $1 AND lease = $2 AND attempt = $3
