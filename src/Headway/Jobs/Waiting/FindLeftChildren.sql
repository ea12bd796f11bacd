-- Children that a job waited for which has ended itself. Along waits_child and the primary key.
SELECT w.job, w.child, p.tenant FROM waits w JOIN jobs p ON p.id = w.job WHERE w.child IS NOT NULL AND w.kind = 4 AND p.state <> 0 LIMIT $1
