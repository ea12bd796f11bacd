-- Whose a job is, if a worker of this name was ever given it. Primary keys of jobs and definitions; the job's events by theirs.
SELECT j.tenant, j.actor, j.definition, d.data, j.subject, j.parent FROM jobs j JOIN definitions d ON d.id = j.definition
WHERE j.id = $1 AND EXISTS (SELECT 1 FROM audit_events e WHERE e.job = j.id AND e.action = 'started' AND e.node = $2)
