-- Links in their order, each with its event; without, if it is gone. Primary keys of audit_chain, audit_events and definitions.
SELECT c.seq, c.job, c.event, c.hash, e.tenant, e.actor, e.action, e.definition, d.feature, d.version, e.subject, e.purpose, e.data, e.node, e.address, e.recipient, e.outcome, e.payload, e.correlation
FROM audit_chain c LEFT JOIN audit_events e ON e.job = c.job AND e.id = c.event LEFT JOIN definitions d ON d.id = e.definition
WHERE c.seq > $1 ORDER BY c.seq LIMIT $2
