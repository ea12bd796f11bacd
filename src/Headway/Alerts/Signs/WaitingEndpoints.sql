-- Endpoints for which something waits: from name to name along deliveries_due, however much waits for each.
SELECT n.endpoint FROM (
    WITH RECURSIVE names (endpoint) AS (
        SELECT min(endpoint) FROM deliveries WHERE state = 0 AND claimed IS NULL
        UNION ALL
        SELECT (SELECT min(d.endpoint) FROM deliveries d WHERE d.state = 0 AND d.claimed IS NULL AND d.endpoint > names.endpoint) FROM names WHERE names.endpoint IS NOT NULL
    )
    SELECT endpoint FROM names WHERE endpoint IS NOT NULL LIMIT $1
) n
