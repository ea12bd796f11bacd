-- How often an endpoint was told of alerts since a moment: the end of deliveries_tests, which holds what is of no job.
SELECT count(*) FROM deliveries WHERE job IS NULL AND created > $1 AND endpoint = $2 AND said IS NOT NULL
