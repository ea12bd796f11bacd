-- Along queue_deadline.
SELECT 1 FROM queue WHERE deadline <= $1 AND state <> 2 LIMIT 1
