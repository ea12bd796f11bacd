-- As on SQLite, where a condition is a number and an id is bytes.
SELECT g.what, CASE WHEN NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = g.job AND j.state > 4) THEN 1
    WHEN g.what LIKE 'dlv\_%' THEN (NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.job = g.job AND d.state = 2 AND 'dlv_' || replace(d.id::text, '-', '') = g.what))::int
    ELSE (EXISTS (SELECT 1 FROM jobs j WHERE j.id = g.job AND j.result IS NULL)
        OR EXISTS (SELECT 1 FROM audit_events e WHERE e.job = g.job AND e.action = 'delivered' AND coalesce(e.purpose, '') <> 'webhook'))::int END
FROM gaps g WHERE g.kind = 'undelivered' AND g.ended IS NULL AND g.what > $1 ORDER BY g.what LIMIT $2
