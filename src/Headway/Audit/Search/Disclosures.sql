-- Who has seen what of a subject: those it was disclosed to, and those who were given or looked at it. Index audit_events_subject.
SELECT who, kind, action, feature, count(*), min(id), max(id) FROM (
    SELECT a.recipient AS who, 'recipient' AS kind, a.action, coalesce(d.feature, '') AS feature, a.id FROM audit_events a LEFT JOIN definitions d ON d.id = a.definition
    WHERE a.subject = $1 AND a.id >= $2 AND a.id < $3 AND a.tenant = $4 AND a.recipient IS NOT NULL AND a.recipient <> 'cache'
    UNION ALL
    SELECT a.actor, 'actor', a.action, coalesce(d.feature, ''), a.id FROM audit_events a LEFT JOIN definitions d ON d.id = a.definition
    WHERE a.subject = $1 AND a.id >= $2 AND a.id < $3 AND a.tenant = $4 AND a.action IN ('delivered', 'served', 'viewed', 'exported') AND coalesce(a.purpose, '') <> 'audit'
) AS shown GROUP BY who, kind, action, feature ORDER BY max(id) DESC, who LIMIT $5
