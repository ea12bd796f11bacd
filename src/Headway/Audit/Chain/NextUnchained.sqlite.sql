-- The next events to chain, in the order of their commits. The rowid.
SELECT e.number, e.job, e.id, e.tenant, e.actor, e.action, e.definition, d.feature, d.version, e.subject, e.purpose, e.data, e.node, e.address, e.recipient, e.outcome, e.payload, e.correlation
FROM audit_events e LEFT JOIN definitions d ON d.id = e.definition WHERE e.number > (SELECT after FROM audit_unchained) ORDER BY e.number LIMIT $1
