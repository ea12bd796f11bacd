-- A job under way: what it does, what people asked of it, and what it would undo. Known for sure once whoever writes it, on whichever node, has ended. Primary key.
SELECT state, pool, asked, attempt, rested, undo FROM queue WHERE job = $1 FOR UPDATE
