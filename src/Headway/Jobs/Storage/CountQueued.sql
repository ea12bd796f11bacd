-- How much accepted work of a pool waits, for its turn (along queue_ready and queue_gated) or for its time (along queue_later): each counted up to the cap.
SELECT (SELECT count(*) FROM (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND gate IS NULL LIMIT $2) AS ready)
    + (SELECT count(*) FROM (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND gate IS NOT NULL LIMIT $2) AS behind)
    + (SELECT count(*) FROM (SELECT 1 FROM queue WHERE pool = $1 AND state = 0 LIMIT $2) AS later)
