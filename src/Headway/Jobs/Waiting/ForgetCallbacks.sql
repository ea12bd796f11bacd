-- A job that is replayed gives the addresses that it gave before, and may be answered there anew. Primary key prefix.
UPDATE signals SET key = NULL, print = NULL WHERE job = $1 AND taken IS NOT NULL AND name LIKE '%callback %'
