-- Whose jobs they are that wait for workers from one place in the queue to another, as their records say. Primary keys.
UPDATE queue SET tenant = (SELECT j.tenant FROM jobs j WHERE j.id = queue.job)
WHERE job > $1 AND job <= $2 AND tenant IS NULL AND pool IN (SELECT id FROM pools WHERE name LIKE '%/workers')
