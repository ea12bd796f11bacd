-- Whether something is there that a job waits for: a child that has ended or is no more, a signal that has come. Primary keys.
SELECT CASE WHEN EXISTS (SELECT 1 FROM waits w LEFT JOIN jobs c ON c.id = w.child WHERE w.job = $1 AND w.child IS NOT NULL AND coalesce(c.state, 5) <> 0)
    OR EXISTS (SELECT 1 FROM waits w JOIN signals s ON s.job = w.job AND s.name = w.name WHERE w.job = $1 AND w.kind IN (2, 3) AND s.taken IS NULL AND (w.kind = 2 OR s.approver = 1)) THEN 1 ELSE 0 END
