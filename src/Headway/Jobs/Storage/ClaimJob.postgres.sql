-- Jobs that were found ready. Nothing under a lease that ran out (see ClaimJobs). Primary keys.
WITH asked AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::uuid[]) WITH ORDINALITY AS asked (lease, now, job, ord)),
    alive AS MATERIALIZED (SELECT l.id FROM leases l JOIN (SELECT lease, max(now) AS now FROM asked GROUP BY lease) a ON a.lease = l.id WHERE l.expires > a.now FOR KEY SHARE OF l)
UPDATE queue q SET state = 2, lease = a.lease, attempt = q.attempt + 1, started = a.now FROM asked a
WHERE q.job = a.job AND q.job = ANY($3::uuid[]) AND q.state = 1 AND EXISTS (SELECT 1 FROM alive WHERE id = a.lease) RETURNING q.attempt, q.failures, q.crashes, q.tally, a.ord
