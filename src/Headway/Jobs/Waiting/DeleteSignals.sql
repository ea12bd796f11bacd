-- Primary key prefix.
DELETE FROM signals WHERE job = $1
