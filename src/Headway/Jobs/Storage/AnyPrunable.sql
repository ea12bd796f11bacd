-- First entries of jobs_prune, idempotency_expires and cached_answers_expires, in their order (see AnyDue).
SELECT 1 WHERE (SELECT prune FROM jobs WHERE prune IS NOT NULL ORDER BY prune LIMIT 1) <= $1
    OR (SELECT expires FROM idempotency ORDER BY expires LIMIT 1) < $1
    OR (SELECT expires FROM cached_answers ORDER BY expires LIMIT 1) <= $1
