-- Nothing is known any more of what the job died of. Primary key prefix.
DELETE FROM waits WHERE job = $1 AND kind = 6
