-- No row: the lease was lost, or ran out before it was renewed, and may be rescued at any moment. The time is the database's. Primary key.
UPDATE leases SET expires = $1 WHERE id = $2 AND expires > headway_now()
