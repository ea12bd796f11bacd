-- Under the fence: back to wait for `due` (a retry or a snooze), or straight to the queue. Primary key.
UPDATE queue q SET state = asked.state, due = asked.due, lease = NULL, failures = asked.failures, crashes = asked.crashes, why = asked.why, tally = coalesce(asked.tally, q.tally), ready = asked.ready
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::uuid[], $9::bigint[], $10::bigint[]) WITH ORDINALITY AS asked
    (state, due, failures, crashes, why, tally, ready, job, lease, attempt, ord)
WHERE q.job = asked.job AND q.lease = asked.lease AND q.attempt = asked.attempt AND q.job = ANY($8::uuid[]) RETURNING asked.ord
