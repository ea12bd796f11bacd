-- Money still held for jobs that are no longer under way and ended a while ago: reservations are few; queue and jobs by primary key.
SELECT DISTINCT r.owner FROM reservations r
WHERE NOT EXISTS (SELECT 1 FROM queue q WHERE q.job = r.owner) AND coalesce((SELECT j.finished FROM jobs j WHERE j.id = r.owner), 0) < $1 LIMIT $2
