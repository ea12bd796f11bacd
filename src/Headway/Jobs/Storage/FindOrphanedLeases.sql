-- Numbers that jobs are held under and no lease has: a scan of what is held, at start and, on a shared database, four times a minute.
SELECT DISTINCT lease FROM queue WHERE state = 2 AND lease NOT IN (SELECT id FROM leases)
