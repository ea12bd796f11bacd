-- Under the fence: no row is touched if the lease or the attempt is another's by now. Primary key.
DELETE FROM queue q USING unnest($1::uuid[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS asked (job, lease, attempt, ord)
WHERE q.job = asked.job AND q.lease = asked.lease AND q.attempt = asked.attempt RETURNING asked.ord
