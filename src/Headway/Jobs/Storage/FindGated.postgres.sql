-- What waits behind gates, in the order of its turns, and whether the turn is before where its tenant goes on in the pool: along queue_gated; primary key of
-- gate_turns. But for what another transaction is changing: that comes with the next pass.
SELECT q.job, q.pool, CASE WHEN q.rank < (SELECT g.turn FROM gate_turns g WHERE g.pool = q.pool AND g.tenant = q.gate) THEN 1 ELSE 0 END
FROM queue q WHERE q.state = 1 AND q.gate IS NOT NULL ORDER BY q.pool, q.gate, q.rank, q.job LIMIT $1 FOR UPDATE OF q SKIP LOCKED
