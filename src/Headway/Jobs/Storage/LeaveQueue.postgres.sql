-- Under the fence: no row is touched if the lease or the attempt is another's by now. Primary key, and no other way (ANY): for
-- a queue that was almost empty when the server looked at it, a plan could walk all that is there by now.
DELETE FROM queue q USING unnest($1::uuid[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS asked (job, lease, attempt, ord)
WHERE q.job = asked.job AND q.lease = asked.lease AND q.attempt = asked.attempt AND q.job = ANY($1::uuid[]) RETURNING asked.ord
