-- A worker is alive, and claims from these pools. No row: its lease was lost and rescued. Primary key.
UPDATE leases SET expires = $1, pools = $2 WHERE id = $3
