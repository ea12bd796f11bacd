-- What became of an attempt that is over: the state of its job, the job's last attempt, and how this one ended if it did not end well. Primary keys.
SELECT j.state, j.attempt, a.outcome, a.error_code FROM jobs j LEFT JOIN attempts a ON a.job = j.id AND a.number = $1 WHERE j.id = $2
