-- Endpoints for which something is due: from name to name along deliveries_due, however much waits for each.
WITH RECURSIVE names (endpoint) AS (
    SELECT min(endpoint) FROM deliveries WHERE state = 0 AND claimed IS NULL
    UNION ALL
    SELECT (SELECT min(d.endpoint) FROM deliveries d WHERE d.state = 0 AND d.claimed IS NULL AND d.endpoint > names.endpoint) FROM names WHERE names.endpoint IS NOT NULL
)
SELECT n.endpoint FROM names n WHERE n.endpoint IS NOT NULL AND EXISTS (SELECT 1 FROM deliveries d WHERE d.endpoint = n.endpoint AND d.state = 0 AND d.claimed IS NULL AND d.due <= $1)
