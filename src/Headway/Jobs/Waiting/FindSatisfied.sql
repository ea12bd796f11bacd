-- Jobs that wait although something they wait for is there: whoever was to wake them was lost. Along queue_waiting; waits and the rest by their primary keys.
SELECT q.job FROM queue q WHERE q.state = 3 AND q.job > $1
    AND (EXISTS (SELECT 1 FROM waits w LEFT JOIN jobs c ON c.id = w.child WHERE w.job = q.job AND w.child IS NOT NULL AND coalesce(c.state, 5) <> 0)
        OR EXISTS (SELECT 1 FROM waits w JOIN signals s ON s.job = w.job AND s.name = w.name WHERE w.job = q.job AND w.kind IN (2, 3) AND s.taken IS NULL AND (w.kind = 2 OR s.approver = 1))) ORDER BY q.job LIMIT $2
