-- First entry of queue_asleep. In its order, or PostgreSQL, which does not know the time when it plans, takes a scan for cheaper.
SELECT 1 FROM queue WHERE state = 3 AND due <= $1 ORDER BY due LIMIT 1
