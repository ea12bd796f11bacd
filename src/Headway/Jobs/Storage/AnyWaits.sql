-- Whether anything of a pool waits, for its turn (along queue_ready and queue_gated) or for its time (along queue_later).
SELECT CASE WHEN EXISTS (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND gate IS NULL) OR EXISTS (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND gate IS NOT NULL)
    OR EXISTS (SELECT 1 FROM queue WHERE pool = $1 AND state = 0) THEN 1 ELSE 0 END
