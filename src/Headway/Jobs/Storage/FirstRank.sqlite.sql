-- The rank of the first job of the pool that can be claimed, if there is one: the first entry of queue_ready. And whether tenants with limits have something
-- waiting, by the first entry of queue_gated: which of them may run is not asked here.
SELECT (SELECT rank FROM queue WHERE pool = $1 AND state = 1 AND gate IS NULL ORDER BY rank, job LIMIT 1),
    EXISTS (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND gate IS NOT NULL)
