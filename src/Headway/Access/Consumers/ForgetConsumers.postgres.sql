-- Who has not called for long. Index consumers_last; rows that another node adds to are left to the next pass.
DELETE FROM consumers WHERE ctid IN (SELECT ctid FROM consumers WHERE last < $1 ORDER BY last LIMIT $2 FOR UPDATE SKIP LOCKED)
