-- What a worker holds: along queue_handed.
SELECT job, attempt, failures, crashes, started, tally FROM queue WHERE until IS NOT NULL AND state = 2 AND lease = $1
