-- What waits to be asked for: how many, and how many bytes came with them. Primary key prefix.
SELECT count(*), coalesce(sum(length(body)), 0) FROM signals WHERE job = $1 AND taken IS NULL
