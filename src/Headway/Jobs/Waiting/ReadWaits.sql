-- What a job waits for, and of its children whether they have ended or are no more. Primary keys.
SELECT w.name, w.occurrence, w.kind, w.due, w.child, w.began, w.tally, CASE WHEN w.child IS NULL OR c.state = 0 THEN 0 ELSE 1 END, w.question FROM waits w LEFT JOIN jobs c ON c.id = w.child WHERE w.job = $1 ORDER BY w.began, w.name, w.occurrence
