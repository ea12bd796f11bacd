-- The endpoints for which an end of a job was put into the outbox. Along deliveries_job.
SELECT endpoint FROM deliveries WHERE job = $1 AND event = $2 AND created >= $3
