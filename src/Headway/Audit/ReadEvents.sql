-- Primary key prefix.
SELECT a.id, a.tenant, a.actor, a.action, d.feature, d.version, a.job, a.subject, a.purpose, a.data, a.node, a.address, a.recipient, a.outcome, a.correlation
FROM audit_events a LEFT JOIN definitions d ON d.id = a.definition WHERE a.job = $1 AND a.tenant = $2 ORDER BY a.id
