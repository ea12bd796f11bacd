-- The turn, and where to go on. The guard gives it to one; primary key.
UPDATE walks SET holder = $1, until = $2 WHERE name = 'records' AND next <= $3 AND (holder IS NULL OR holder = $1 OR until < $3) RETURNING after
