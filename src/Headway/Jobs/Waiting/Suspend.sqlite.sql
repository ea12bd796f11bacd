-- Under the fence: the job gives up its place and waits. What went wrong before it came this far counts no more. Primary key.
UPDATE queue SET state = 3, due = $1, why = $2, lease = NULL, crashes = 0, tally = NULL WHERE job = $3 AND lease = $4 AND attempt = $5
