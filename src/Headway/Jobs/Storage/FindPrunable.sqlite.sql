-- Along jobs_prune.
SELECT j.id, j.tenant, j.state, j.finished, j.input, j.result, d.json, j.endpoint FROM jobs j JOIN definitions d ON d.id = j.definition WHERE j.prune <= $1 ORDER BY j.prune LIMIT $2
