-- Along deliveries_job, then the primary key.
DELETE FROM delivery_attempts WHERE delivery IN (SELECT id FROM deliveries WHERE job = $1)
