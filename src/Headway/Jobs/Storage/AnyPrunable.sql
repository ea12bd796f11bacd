-- First entries of jobs_prune, idempotency_expires and cached_answers_expires.
SELECT 1 WHERE EXISTS (SELECT 1 FROM jobs WHERE prune <= $1) OR EXISTS (SELECT 1 FROM idempotency WHERE expires < $1)
    OR EXISTS (SELECT 1 FROM cached_answers WHERE expires <= $1)
