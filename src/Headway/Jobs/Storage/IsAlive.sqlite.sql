-- Whether a lease is there: it was not lost and rescued. Primary key.
SELECT 1 FROM leases WHERE id = $1
