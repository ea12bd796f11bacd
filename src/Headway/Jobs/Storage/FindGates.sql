-- The tenants with limits that have something to claim in a pool, with how much of theirs runs anywhere: from one to the next along queue_gated, however
-- much each of them has; then along queue_of_gate. Each with the turn it goes on from, beside the pool's time: primary keys.
SELECT found.gate, (SELECT count(*) FROM queue r WHERE r.gate = found.gate AND r.state = 2),
    (SELECT p.turn FROM pools p WHERE p.id = $1), (SELECT g.turn FROM gate_turns g WHERE g.pool = $1 AND g.tenant = found.gate)
FROM (
    WITH RECURSIVE gates (gate) AS (
        SELECT (SELECT q.gate FROM queue q WHERE q.pool = $1 AND q.state = 1 AND q.gate IS NOT NULL ORDER BY q.gate LIMIT 1)
        UNION ALL
        SELECT (SELECT q.gate FROM queue q WHERE q.pool = $1 AND q.state = 1 AND q.gate IS NOT NULL AND q.gate > gates.gate ORDER BY q.gate LIMIT 1)
        FROM gates WHERE gates.gate IS NOT NULL)
    SELECT gate FROM gates WHERE gate IS NOT NULL) AS found
