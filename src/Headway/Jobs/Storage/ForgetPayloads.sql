-- The record stays without its payloads until its own time comes. Primary key.
UPDATE jobs SET input = NULL, result = NULL, about = NULL, error = NULL, prune = $1 WHERE id = $2
