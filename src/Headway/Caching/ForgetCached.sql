-- Unique index on key. What follows takes a new number, and so its place among the newest.
DELETE FROM cached_answers WHERE key = $1
