-- Primary key prefix.
DELETE FROM attempts WHERE job = $1
