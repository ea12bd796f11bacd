-- Unique index on name.
SELECT id FROM pools WHERE name = $1
