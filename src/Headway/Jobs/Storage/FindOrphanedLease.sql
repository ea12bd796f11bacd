-- A number that jobs are held under and no lease has: a scan of the queue, once at start.
SELECT lease FROM queue WHERE state = 2 AND lease NOT IN (SELECT id FROM leases) LIMIT 1
