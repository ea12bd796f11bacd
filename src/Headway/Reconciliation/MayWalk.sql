-- Whether a walk is due and nobody else's. Primary key.
SELECT 1 FROM walks WHERE name = 'records' AND next <= $1 AND (holder IS NULL OR holder = $2 OR until < $1)
