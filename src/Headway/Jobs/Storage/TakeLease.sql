-- A number never used before: AUTOINCREMENT.
INSERT INTO leases (node, epoch, expires, version, started) VALUES ($1, $2, $3, $4, $5)
