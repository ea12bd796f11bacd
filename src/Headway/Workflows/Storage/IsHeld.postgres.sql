-- The fence: whether this lease still holds this attempt, and nobody takes it before this transaction has ended; and what people asked of it. Primary key.
SELECT coalesce(q.asked, 0), asked.ord FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS asked (job, lease, attempt, ord)
JOIN queue q ON q.job = asked.job AND q.lease = asked.lease AND q.attempt = asked.attempt AND q.job = ANY($1::uuid[]) FOR KEY SHARE OF q
