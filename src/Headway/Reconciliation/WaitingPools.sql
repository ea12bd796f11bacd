-- Pools in whose queue something waits for its turn: a look at the start of queue_ready and queue_gated for each.
SELECT p.id, p.name FROM pools p
WHERE EXISTS (SELECT 1 FROM queue q WHERE q.pool = p.id AND q.state = 1 AND q.gate IS NULL) OR EXISTS (SELECT 1 FROM queue q WHERE q.pool = p.id AND q.state = 1 AND q.gate IS NOT NULL)
