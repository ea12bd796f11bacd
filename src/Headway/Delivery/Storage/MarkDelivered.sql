-- The fence: only the claim that sent it marks it. Primary key.
UPDATE deliveries SET state = 1, claimed = NULL, until = NULL, ended = $1 WHERE id = $2 AND claimed = $3
