-- Under the fence: when the attempt of a worker is cut off. Primary key.
UPDATE queue SET until = $1 WHERE job = $2 AND lease = $3 AND attempt = $4
