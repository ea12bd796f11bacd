-- Along jobs_prune.
SELECT j.id, j.tenant, j.state, j.finished, j.input, j.result, d.json, j.endpoint,
    CASE WHEN EXISTS (SELECT 1 FROM legal_holds h WHERE h.tenant = j.tenant AND h.subject = j.subject) THEN 1 ELSE 0 END FROM jobs j JOIN definitions d ON d.id = j.definition WHERE j.prune <= $1 ORDER BY j.prune LIMIT $2
