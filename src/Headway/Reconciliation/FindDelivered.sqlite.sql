-- Open gaps of deliveries, and whether each is over: it was delivered or read, is tried again, or nothing is left that could be. Along gaps_open; primary keys of jobs and events, deliveries_job.
SELECT g.what, CASE WHEN NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = g.job AND j.state > 4) THEN 1
    WHEN g.what LIKE 'dlv\_%' ESCAPE '\' THEN NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.job = g.job AND d.state = 2 AND 'dlv_' || lower(hex(d.id)) = g.what)
    ELSE EXISTS (SELECT 1 FROM jobs j WHERE j.id = g.job AND j.result IS NULL)
        OR EXISTS (SELECT 1 FROM audit_events e WHERE e.job = g.job AND e.action = 'delivered' AND coalesce(e.purpose, '') <> 'webhook') END
FROM gaps g WHERE g.kind = 'undelivered' AND g.ended IS NULL AND g.what > $1 ORDER BY g.what LIMIT $2
