-- From the record: back to its pool's queue, where it then takes its turn. The fence goes on beyond every attempt that was told of. Primary keys.
INSERT INTO queue (job, pool, state, rank, attempt, deadline, gate, tenant, asked, ready)
SELECT j.id, d.pool, 1, 0, coalesce((SELECT max(a.number) FROM attempts a WHERE a.job = j.id), 0) + 1, j.deadline, $1, j.tenant, j.asked, $2 FROM jobs j JOIN definitions d ON d.id = j.definition
WHERE j.id = $3 AND j.state = 0 AND j.mode NOT IN (0, 1) AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.job = j.id)
