-- Primary keys.
DELETE FROM payloads WHERE id IN (SELECT payload FROM former_inputs WHERE job = $1)
