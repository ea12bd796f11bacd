-- A job that is held under a fence. Primary key.
SELECT failures, crashes, started, tally FROM queue WHERE job = $1 AND lease = $2 AND attempt = $3
