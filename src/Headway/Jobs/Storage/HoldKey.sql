-- A job that was just inserted holds a key from now on; one with a latest start waits for calls to pause. Primary key; decided under a claim on the key.
UPDATE queue SET hold = $1, hold_until = $2, why = CASE WHEN $2 IS NULL THEN why ELSE 'debounce' END WHERE job = $3
