-- An event that has no link and will get none. Reads the three tables whole; only asked where the numbers do not agree.
SELECT job, id FROM (
    SELECT job, id FROM audit_events EXCEPT SELECT job, event FROM audit_chain
    EXCEPT SELECT n.job, n.id FROM audit_unchained u CROSS JOIN LATERAL unnest(u.jobs, u.events) AS n (job, id)) AS lost ORDER BY id LIMIT 1
