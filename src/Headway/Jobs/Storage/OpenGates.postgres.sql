-- Nobody has limits any more: some of what is behind a gate is claimed like all else from now on. Along queue_of_gate, but for what another transaction is
-- changing: that comes with the next pass.
WITH next AS MATERIALIZED (SELECT job FROM queue WHERE gate >= '' ORDER BY gate, state LIMIT $1 FOR UPDATE SKIP LOCKED)
UPDATE queue q SET gate = NULL FROM next WHERE q.job = next.job RETURNING q.pool
