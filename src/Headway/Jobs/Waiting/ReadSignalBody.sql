-- What came with a signal. Primary key.
SELECT body FROM signals WHERE job = $1 AND number = $2
