-- Primary key, last entry of the job.
SELECT last FROM stream_log WHERE job = $1 ORDER BY first DESC LIMIT 1
