-- Who is next in a pool, but for those of tenants with limits, and since when each waits: the start of queue_ready. Turns are given by age, so the oldest of each tenant is near.
SELECT job, ready FROM queue WHERE pool = $1 AND state = 1 AND gate IS NULL ORDER BY rank, job LIMIT $2
