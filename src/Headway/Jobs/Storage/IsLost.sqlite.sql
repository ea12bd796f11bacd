-- Whether a lease ran out before a time; no row: it is gone. Primary key.
SELECT expires < $1 FROM leases WHERE id = $2
