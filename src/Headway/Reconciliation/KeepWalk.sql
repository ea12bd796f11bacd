-- How far the walk came. Not by who has lost the turn. Primary key.
UPDATE walks SET after = $1, until = $2 WHERE name = 'records' AND holder = $3
