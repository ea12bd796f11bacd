-- The job that holds a key. Unique index queue_hold.
SELECT job FROM queue WHERE hold = $1
