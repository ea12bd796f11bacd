-- The walk has come to its end, and the next one begins later. Not by who has lost the turn. Primary key.
UPDATE walks SET after = $1, next = $2, holder = NULL WHERE name = 'records' AND holder = $3
