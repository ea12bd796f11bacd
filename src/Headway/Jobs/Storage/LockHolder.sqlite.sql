-- The job that holds a key, and whether it waits for its first start in a pool: then it can be replaced. Unique index queue_hold.
SELECT job, CASE WHEN pool = $1 AND state < 2 AND attempt = 0 THEN 1 ELSE 0 END FROM queue WHERE hold = $2
