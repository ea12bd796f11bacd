-- Whose job it is that waits for workers, as its record says. Primary keys.
UPDATE queue SET tenant = (SELECT j.tenant FROM jobs j WHERE j.id = $1) WHERE job = $1
