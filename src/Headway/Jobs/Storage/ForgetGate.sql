-- Nothing of the tenant waits in the pool that could have been held back. Primary key, then queue_gated.
DELETE FROM gate_turns WHERE pool = $1 AND tenant = $2
    AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.pool = gate_turns.pool AND q.gate = gate_turns.tenant AND q.state = 1 AND q.gate IS NOT NULL)
