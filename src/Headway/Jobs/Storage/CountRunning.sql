-- How many jobs of a pool run, on all nodes: along queue_held, which is as long as all that runs. Asked on a shared database only, which has that index.
SELECT count(*) FROM queue WHERE state = 2 AND pool = $1
