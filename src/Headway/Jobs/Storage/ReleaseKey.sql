-- A job that has begun gives its key to the next. Unique index queue_hold.
UPDATE queue SET hold = NULL, hold_until = NULL WHERE hold = $1
