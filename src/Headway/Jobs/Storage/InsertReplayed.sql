-- Back to its pool's queue, where it then takes its turn: the fence goes on counting attempts, failures and crashes begin anew, an old deadline is over. One that was
-- to be undone and cancelled still is. Primary keys.
INSERT INTO queue (job, pool, state, rank, attempt, gate, tenant, asked, ready)
SELECT j.id, d.pool, 1, 0, j.attempt, $1, j.tenant, j.asked, $2 FROM jobs j JOIN definitions d ON d.id = j.definition WHERE j.id = $3
