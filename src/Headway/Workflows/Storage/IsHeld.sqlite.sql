-- The fence: whether this lease still holds this attempt, and what people asked of it. Primary key.
SELECT coalesce(asked, 0) FROM queue WHERE job = $1 AND lease = $2 AND attempt = $3
