-- A job under way, and whether it waits. Primary key.
SELECT state, pool FROM queue WHERE job = $1
