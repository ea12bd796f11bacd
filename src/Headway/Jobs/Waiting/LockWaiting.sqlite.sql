-- A job under way: what it does, what people asked of it, and what it would undo. Primary key.
SELECT state, pool, asked, attempt, rested, undo FROM queue WHERE job = $1
