-- Numbers that jobs are held under and no lease has: a scan of the queue, once at start.
SELECT DISTINCT lease FROM queue WHERE state = 2 AND lease NOT IN (SELECT id FROM leases)
