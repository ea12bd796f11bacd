-- How many jobs of a tenant run, on all nodes: along queue_of_gate.
SELECT count(*) FROM queue WHERE gate = $1 AND state = 2
