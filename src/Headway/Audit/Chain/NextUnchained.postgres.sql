-- The next events to chain: those of the oldest notes that hold about as many. Primary keys of audit_unchained and audit_events.
SELECT n.id, e.job, e.id, e.tenant, e.actor, e.action, e.definition, d.feature, d.version, e.subject, e.purpose, e.data, e.node, e.address, e.recipient, e.outcome, e.payload, e.correlation
FROM (SELECT id, jobs, events, sum(cardinality(jobs)) OVER (ORDER BY id) - cardinality(jobs) AS earlier FROM (SELECT * FROM audit_unchained ORDER BY id LIMIT $1) AS oldest) AS n
CROSS JOIN LATERAL generate_subscripts(n.jobs, 1) AS place
LEFT JOIN audit_events e ON e.job = n.jobs[place] AND e.id = n.events[place] LEFT JOIN definitions d ON d.id = e.definition
WHERE n.earlier < $1 ORDER BY n.id, place
