-- A dead letter that is replayed: id and history stay. Primary key.
UPDATE jobs SET state = 0, finished = NULL, deadline = NULL, result = NULL, result_type = NULL, error_code = NULL, error_kind = NULL, fingerprint = NULL, error = NULL, prune = NULL
WHERE id = $1 AND state = 7
