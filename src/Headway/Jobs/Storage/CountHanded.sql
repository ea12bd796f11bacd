-- How many jobs of a pool workers hold: along queue_handed.
SELECT count(*) FROM queue WHERE until IS NOT NULL AND state = 2 AND pool = $1
