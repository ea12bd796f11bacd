-- First entry of queue_of_gate. In its order, or PostgreSQL takes a scan for cheaper.
SELECT 1 FROM queue WHERE gate >= '' ORDER BY gate, state LIMIT 1
