-- The record stays, without anything that was said, until its own time comes; a job that has begun anew since it was read keeps it. Primary key.
UPDATE jobs SET input = NULL, result = NULL, about = NULL, error = NULL, searchable = NULL, prune = $1 WHERE id = $2 AND state > 4 AND input IS NOT DISTINCT FROM $3 AND result IS NOT DISTINCT FROM $4
