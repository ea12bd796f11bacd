-- Nothing is known any more of what the job died of, nor of undoings that were to be tried again. Primary key prefix.
DELETE FROM waits WHERE job = $1 AND kind IN (6, 8)
