-- Under the fence: the job gives up its place and waits. What went wrong before it came this far counts no more, unless it came nowhere. Primary key.
UPDATE queue SET state = 3, due = $1, why = $2, undo = $3, emitted = $4, rested = attempt, lease = NULL,
    crashes = CASE WHEN $5 = 1 THEN crashes ELSE 0 END, tally = CASE WHEN $5 = 1 THEN tally END WHERE job = $6 AND lease = $7 AND attempt = $8
