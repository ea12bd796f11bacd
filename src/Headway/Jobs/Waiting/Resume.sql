-- A job that waited looks for itself whether what it waited for is there; one that was to start later still is. Primary key.
UPDATE queue SET state = CASE paused_from WHEN 0 THEN 0 ELSE 1 END, due = CASE paused_from WHEN 0 THEN due END, why = CASE paused_from WHEN 0 THEN why END, paused_from = NULL, ready = $1
WHERE job = $2 AND state = 4
