-- First entry of queue_due.
SELECT 1 FROM queue WHERE state = 0 AND due <= $1 LIMIT 1
