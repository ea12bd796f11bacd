-- The job stays where it is until somebody resumes it. Primary key.
UPDATE queue SET state = 4, paused_from = state, asked = NULL WHERE job = $1 AND state IN (0, 1, 3)
