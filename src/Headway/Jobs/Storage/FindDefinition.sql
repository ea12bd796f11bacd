-- Unique index on hash.
SELECT id FROM definitions WHERE hash = $1
