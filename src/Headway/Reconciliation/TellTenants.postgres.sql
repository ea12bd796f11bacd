-- Whose jobs they are that wait for workers from one place in the queue to another, as their records say, but for what another transaction is changing: that
-- comes with the next walk. Primary keys.
WITH next AS MATERIALIZED (
    SELECT job FROM queue WHERE job > $1 AND job <= $2 AND tenant IS NULL AND pool IN (SELECT id FROM pools WHERE name LIKE '%/workers') FOR UPDATE SKIP LOCKED)
UPDATE queue q SET tenant = (SELECT j.tenant FROM jobs j WHERE j.id = q.job) WHERE q.job = ANY (ARRAY(SELECT job FROM next))
