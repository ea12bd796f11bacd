-- An event that has no link and will get none. Scans both tables, with an index that SQLite makes for the purpose; only asked where the numbers do not agree.
SELECT e.job, e.id FROM audit_events e LEFT JOIN audit_chain c ON c.job = e.job AND c.event = e.id
WHERE c.seq IS NULL AND e.number <= (SELECT after FROM audit_unchained) ORDER BY e.number LIMIT 1
