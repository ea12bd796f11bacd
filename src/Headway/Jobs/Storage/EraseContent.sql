-- The record stays without its payloads until its own time comes; a job that has begun anew since it was read keeps them. Primary key.
UPDATE jobs SET input = NULL, result = NULL, about = NULL, error = NULL, prune = $1 WHERE id = $2 AND state > 4 AND input = $3 AND result IS NOT DISTINCT FROM $4
