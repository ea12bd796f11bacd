-- The same of a tenant with limits: the start of its part of queue_gated.
SELECT job, ready FROM queue WHERE pool = $1 AND state = 1 AND gate = $2 ORDER BY rank, job LIMIT $3
