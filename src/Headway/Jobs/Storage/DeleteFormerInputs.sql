-- Primary key.
DELETE FROM former_inputs WHERE job = $1
