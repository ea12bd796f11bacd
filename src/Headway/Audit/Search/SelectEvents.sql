-- Of a listing. A subject has its index, a job is the begin of the key, and times of a tenant have theirs. Who was turned away was about a job if
-- anything else is told of it: else the id is the event's own. The primary key.
SELECT a.id, a.tenant, a.actor, a.action, d.feature, d.version, a.job, a.subject, a.purpose, a.data, a.node, a.address, a.recipient, a.outcome, a.correlation,
    CASE WHEN a.action = 'denied' AND NOT EXISTS (SELECT 1 FROM audit_events o WHERE o.job = a.job AND o.id <> a.id) THEN 0 ELSE 1 END
FROM audit_events a LEFT JOIN definitions d ON d.id = a.definition
