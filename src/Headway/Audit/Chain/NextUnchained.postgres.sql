-- The next events to chain: those of the oldest notes that hold about as many. Primary keys of audit_unchained and audit_events. Each note is taken apart once,
-- because it is unpacked as a whole whenever anything of it is read; OFFSET 0 has each event looked up by its key, however small the server takes the table for.
SELECT n.id, e.job, e.id, e.tenant, e.actor, e.action, e.definition, d.feature, d.version, e.subject, e.purpose, e.data, e.node, e.address, e.recipient, e.outcome, e.payload, e.correlation
FROM (SELECT id, jobs, events, sum(cardinality(jobs)) OVER (ORDER BY id) - cardinality(jobs) AS earlier FROM (SELECT * FROM audit_unchained ORDER BY id LIMIT $1) AS oldest) AS n
CROSS JOIN LATERAL unnest(n.jobs, n.events) WITH ORDINALITY AS told (job, id, place)
LEFT JOIN LATERAL (SELECT * FROM audit_events a WHERE a.job = told.job AND a.id = told.id OFFSET 0) AS e ON true LEFT JOIN definitions d ON d.id = e.definition
WHERE n.earlier < $1 ORDER BY n.id, told.place
