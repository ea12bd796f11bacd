-- Of a listing. A subject has its index, a job is the begin of the key, and times of a tenant have theirs.
SELECT a.id, a.tenant, a.actor, a.action, d.feature, d.version, a.job, a.subject, a.purpose, a.data, a.node, a.address, a.recipient, a.outcome, a.correlation
FROM audit_events a LEFT JOIN definitions d ON d.id = a.definition
