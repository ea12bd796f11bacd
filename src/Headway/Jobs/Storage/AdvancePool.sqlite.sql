-- The pool's time, which never goes back. Primary key.
UPDATE pools SET turn = $1 WHERE id = $2 AND turn < $1
