-- Whether a job has got anything as a workflow, or waits as one. Primary key prefixes.
SELECT CASE WHEN EXISTS (SELECT 1 FROM journal WHERE job = $1) OR EXISTS (SELECT 1 FROM waits WHERE job = $1) THEN 1 ELSE 0 END
