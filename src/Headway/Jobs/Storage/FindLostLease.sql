-- Leases are few: a scan. Those of workers outlive the process of the node that gave them: of them only what has run out by the clock.
SELECT id, CASE WHEN pools IS NULL THEN 0 ELSE 1 END FROM leases WHERE expires < CASE WHEN pools IS NULL THEN $1 ELSE $2 END AND id <> $3 LIMIT 1
