-- The fence: only the claim that sent it puts it back, or gives it up. Primary key.
UPDATE deliveries SET state = $1, due = $2, tries = $3, ended = $4, claimed = NULL, until = NULL WHERE id = $5 AND claimed = $6
