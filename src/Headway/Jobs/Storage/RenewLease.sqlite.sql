-- No row: the lease was lost and rescued. Primary key.
UPDATE leases SET expires = $1 WHERE id = $2
