-- A job under way, and whether it waits: known for sure once whoever writes it, on whichever node, has ended. Primary key.
SELECT state, pool FROM queue WHERE job = $1 FOR UPDATE
