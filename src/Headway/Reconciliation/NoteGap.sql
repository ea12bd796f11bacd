-- One that is open already was seen again. Along gaps_open.
INSERT INTO gaps (id, kind, what, tenant, feature, job, amount, found, seen, ended, did) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (kind, what) WHERE ended IS NULL DO UPDATE SET seen = excluded.seen, amount = excluded.amount
