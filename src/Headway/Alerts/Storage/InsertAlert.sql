-- One that opens. Another of its kind about the same thing that is there keeps its place: alerts_open.
INSERT INTO alerts (id, kind, what, feature, reason, state, amount, threshold, opened, seen, times, told, told_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, 0, $10, $11)
ON CONFLICT (kind, what) WHERE ended IS NULL DO NOTHING
