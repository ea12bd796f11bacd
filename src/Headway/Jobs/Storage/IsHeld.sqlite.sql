-- The fence: whether this lease still holds this attempt. Primary key.
SELECT 1 FROM queue WHERE job = $1 AND lease = $2 AND attempt = $3
