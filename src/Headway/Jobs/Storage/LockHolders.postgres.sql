-- Jobs whose places a group wants to take, in one order, before the group touches any budget: whoever ends such a job has its row and then waits for the budget. Unique index queue_hold.
SELECT 1, 1 FROM queue q JOIN (SELECT DISTINCT hold FROM unnest($1::bytea[]) AS asked (hold)) AS a USING (hold) ORDER BY q.job FOR UPDATE OF q
