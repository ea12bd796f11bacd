-- What waits to be asked for. Primary key prefix.
SELECT count(*) FROM signals WHERE job = $1 AND taken IS NULL
