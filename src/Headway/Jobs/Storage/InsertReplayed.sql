-- Back at the end of its pool's queue: the fence goes on counting attempts, failures and crashes begin anew, an old deadline is over. Primary keys.
INSERT INTO queue (job, pool, state, rank, attempt)
SELECT j.id, d.pool, 1, $1, j.attempt FROM jobs j JOIN definitions d ON d.id = j.definition WHERE j.id = $2
