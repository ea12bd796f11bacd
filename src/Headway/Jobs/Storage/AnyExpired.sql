-- Along queue_deadline, in its order (see AnyDue). A running one is ended by its own attempt.
SELECT 1 FROM queue WHERE deadline <= $1 AND state <> 2 ORDER BY deadline LIMIT 1
