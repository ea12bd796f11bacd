-- One node probes an endpoint that is down, and all others wait for what it finds. Primary key; the guard lets one through.
UPDATE endpoints SET held = $1 WHERE name = $2 AND held <= $3
