-- A sync or stream call whose place is gone and whose record was never finished. Primary keys.
SELECT j.tenant, j.actor, j.definition, d.data, j.subject FROM jobs j JOIN definitions d ON d.id = j.definition
WHERE j.id = $1 AND j.state = 0 AND j.mode IN (0, 1) AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.job = j.id)
