-- Whether a job is under way, and nobody ends it before this transaction has ended. Primary key.
SELECT count(*) FROM (SELECT 1 FROM queue WHERE job = $1 FOR KEY SHARE) AS queued
