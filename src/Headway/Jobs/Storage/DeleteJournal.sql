-- Primary key prefix.
DELETE FROM journal WHERE job = $1
