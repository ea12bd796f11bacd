-- What came with this key before. Primary key prefix.
SELECT print FROM signals WHERE job = $1 AND key = $2
