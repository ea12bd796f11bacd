-- Under the fence: the job came further than where its nodes died. Primary key.
UPDATE queue SET crashes = 0 WHERE job = $1 AND lease = $2 AND attempt = $3 AND crashes > 0
