-- Under the fence: the job gives up its place and waits. What went wrong before it came this far counts no more. Primary key.
UPDATE queue SET state = 3, due = $1, why = $2, undo = $3, emitted = $4, rested = attempt, lease = NULL, crashes = 0, tally = NULL WHERE job = $5 AND lease = $6 AND attempt = $7
