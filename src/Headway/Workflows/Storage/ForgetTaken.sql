-- What the runs before were sent and got, long ago. Primary key prefix.
DELETE FROM signals WHERE job = $1 AND taken < $2
