-- Primary key.
DELETE FROM leases WHERE id = $1
