-- An event that has no link and will get none. Scans both tables; only asked where the numbers do not agree.
SELECT e.job, e.id FROM audit_events e LEFT JOIN audit_chain c ON c.job = e.job AND c.event = e.id
WHERE c.seq IS NULL AND NOT EXISTS (SELECT 1 FROM audit_unchained n WHERE e.id = ANY(n.events) AND e.job = ANY(n.jobs)) ORDER BY e.id LIMIT 1
