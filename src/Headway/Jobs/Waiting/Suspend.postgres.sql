-- Under the fence: jobs give up their place and wait. What went wrong before they came this far counts no more, unless they came nowhere. Primary key.
UPDATE queue q SET state = 3, due = asked.due, why = asked.why, undo = asked.undo, emitted = asked.emitted, rested = q.attempt, lease = NULL,
    crashes = CASE WHEN asked.blind = 1 THEN q.crashes ELSE 0 END, tally = CASE WHEN asked.blind = 1 THEN q.tally END
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::uuid[], $7::bigint[], $8::bigint[]) WITH ORDINALITY
    AS asked (due, why, undo, emitted, blind, job, lease, attempt, ord)
WHERE q.job = asked.job AND q.lease = asked.lease AND q.attempt = asked.attempt AND q.job = ANY($6::uuid[]) RETURNING asked.ord
