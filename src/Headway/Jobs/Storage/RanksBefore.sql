-- Whether a claimable job of the pool ranks equal or higher: the first entry of queue_ready. Of tenants with limits any counts, by the first entry of
-- queue_gated: which of them may run is not asked here.
SELECT EXISTS (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND gate IS NULL AND rank <= $2)
    OR EXISTS (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND gate IS NOT NULL)
