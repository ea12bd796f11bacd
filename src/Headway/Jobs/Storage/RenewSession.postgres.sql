-- A worker is alive, and claims from these pools. No row: its lease was lost, or ran out and may be rescued at any moment. The time is the database's.
-- Primary key.
UPDATE leases SET expires = $1, pools = $2 WHERE id = $3 AND expires > headway_now()
