-- Slots of a lease that is gone are free. Primary key prefix; the lease by its primary key.
DELETE FROM model_slots WHERE model = $1 AND NOT EXISTS (SELECT 1 FROM leases WHERE id = lease)
