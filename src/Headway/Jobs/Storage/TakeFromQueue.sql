-- For cancel: whoever holds the job loses it. Primary keys.
DELETE FROM queue WHERE job = $1 RETURNING state, attempt, failures, started, pool, (SELECT j.priority FROM jobs j WHERE j.id = $1), (SELECT j.endpoint FROM jobs j WHERE j.id = $1)
