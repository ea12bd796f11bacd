-- Along deliveries_job.
DELETE FROM deliveries WHERE job = $1
