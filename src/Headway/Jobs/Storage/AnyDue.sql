-- First entry of queue_due. In its order, or PostgreSQL, which does not know the time when it plans, takes a scan for cheaper.
SELECT 1 FROM queue WHERE state = 0 AND due <= $1 ORDER BY due LIMIT 1
