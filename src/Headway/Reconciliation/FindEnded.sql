-- Whom the end of a job is told to. Primary key.
SELECT tenant, endpoint, state, finished FROM jobs WHERE id = $1 AND state > 4 AND endpoint IS NOT NULL
