-- Whether a worker that is alive claims from a pool, which is given as `,17,`. Leases are few: a scan.
SELECT 1 FROM leases WHERE expires > $1 AND pools LIKE '%' || $2 || '%' LIMIT 1
