-- Oldest first. Primary keys.
SELECT f.number, f.payload, f.attempt, f.replaced, f.actor FROM former_inputs f WHERE f.job = $1 ORDER BY f.number
