-- The pool's time, which never goes back. Where another node is moving it in this moment nobody waits: a turn too little is made good by the next claim.
-- Primary key.
UPDATE pools SET turn = $1 WHERE id = (SELECT id FROM pools WHERE id = $2 AND turn < $1 FOR UPDATE SKIP LOCKED)
