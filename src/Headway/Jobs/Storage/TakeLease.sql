-- A number never used before: the sequence of the table.
INSERT INTO leases (node, epoch, expires, version, started) VALUES ($1, $2, $3, $4, $5) RETURNING id
