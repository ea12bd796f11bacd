-- First entries of jobs_prune and idempotency_expires.
SELECT 1 WHERE EXISTS (SELECT 1 FROM jobs WHERE prune <= $1) OR EXISTS (SELECT 1 FROM idempotency WHERE expires < $1)
