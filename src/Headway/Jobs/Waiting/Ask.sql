-- People ask something of a job under way. Primary key.
UPDATE queue SET asked = $1 WHERE job = $2
