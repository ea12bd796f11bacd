-- Whether an endpoint is still to be told of the job: along deliveries_job.
SELECT CASE WHEN EXISTS (SELECT 1 FROM deliveries WHERE job = $1 AND state = 0) THEN 1 ELSE 0 END
