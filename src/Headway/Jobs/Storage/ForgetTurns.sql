-- All that was charged to a tenant in a pool, in all lanes and slots. Primary key prefix.
DELETE FROM turns WHERE pool = $1 AND tenant = $2
