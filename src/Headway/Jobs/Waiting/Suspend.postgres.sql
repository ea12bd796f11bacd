-- Under the fence: jobs give up their place and wait. What went wrong before they came this far counts no more. Primary key.
UPDATE queue q SET state = 3, due = asked.due, why = asked.why, undo = asked.undo, emitted = asked.emitted, rested = q.attempt, lease = NULL, crashes = 0, tally = NULL
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::uuid[], $6::bigint[], $7::bigint[]) WITH ORDINALITY AS asked (due, why, undo, emitted, job, lease, attempt, ord)
WHERE q.job = asked.job AND q.lease = asked.lease AND q.attempt = asked.attempt RETURNING asked.ord
