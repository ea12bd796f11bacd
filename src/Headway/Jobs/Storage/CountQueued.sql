-- Whether a pool holds as many queued jobs as it may: counts along queue_ready and stops at the cap.
SELECT count(*) FROM (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 LIMIT $2)
