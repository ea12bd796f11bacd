-- A dead letter that is replayed: id and history stay. Nothing to do where it is dead no more, or its input was taken away meanwhile. Primary key.
UPDATE jobs SET state = 0, replay_model = $1, finished = NULL, deadline = NULL, result = NULL, result_type = NULL, error_code = NULL, error_kind = NULL, fingerprint = NULL, error = NULL, prune = NULL
WHERE id = $2 AND tenant = $3 AND state = 7 AND input IS NOT NULL
