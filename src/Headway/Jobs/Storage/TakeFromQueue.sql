-- For cancel: whoever holds the job loses it. Primary key.
DELETE FROM queue WHERE job = $1 RETURNING state, attempt, failures, started
