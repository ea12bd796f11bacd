-- The last event of a job's log. Primary key, from its end.
SELECT last FROM stream_log WHERE job = $1 ORDER BY first DESC LIMIT 1
