-- How much accepted work of a tenant waits, for its turn or for its time: along queue_of_gate, each counted up to the cap.
SELECT (SELECT count(*) FROM (SELECT 1 FROM queue WHERE gate = $1 AND state = 1 LIMIT $2) AS ready)
    + (SELECT count(*) FROM (SELECT 1 FROM queue WHERE gate = $1 AND state = 0 LIMIT $2) AS later)
