-- A job of the same pool that waits for its first start, has another input from now on, and starts later, but not after its latest start: one whose time has come keeps its
-- turn. Whoever claims or promotes it holds the row, and is seen. Primary key.
UPDATE queue SET due = CASE WHEN state = 0 THEN CASE WHEN $1 < hold_until THEN $1 ELSE hold_until END END, deadline = $2, cache_input = $3, cache_anew = $4
WHERE job = $5 AND hold = $6 AND pool = $7 AND state < 2 AND attempt = 0
