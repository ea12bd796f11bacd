-- What is queued, in the order in which it was accepted, with what its record says. Primary keys.
SELECT q.job, q.state, q.why, j.tenant, j.deliver_by, j.state, d.feature, d.version
FROM queue q LEFT JOIN jobs j ON j.id = q.job LEFT JOIN definitions d ON d.id = j.definition WHERE q.job > $1 ORDER BY q.job LIMIT $2
