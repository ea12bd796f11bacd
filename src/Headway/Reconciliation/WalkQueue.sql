-- What is queued, in the order in which it was accepted, with what its record says, and whether a node of a version that did not know better has queued it for workers without its tenant. Primary keys.
SELECT q.job, q.state, q.why, j.tenant, j.deliver_by, j.state, d.feature, d.version, CASE WHEN q.tenant IS NULL AND p.name LIKE '%/workers' THEN 1 ELSE 0 END
FROM queue q LEFT JOIN jobs j ON j.id = q.job LEFT JOIN definitions d ON d.id = j.definition LEFT JOIN pools p ON p.id = q.pool WHERE q.job > $1 ORDER BY q.job LIMIT $2
