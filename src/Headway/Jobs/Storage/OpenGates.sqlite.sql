-- Nobody has limits any more: some of what is behind a gate is claimed like all else from now on. Along queue_of_gate.
UPDATE queue SET gate = NULL WHERE job IN (SELECT job FROM queue WHERE gate >= '' ORDER BY gate, state LIMIT $1) RETURNING pool
