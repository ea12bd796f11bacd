-- The id is the time in microseconds, moved on past the job's last event: the order of a job's events is the order they were written in,
-- whatever the clock does. Uses the primary key twice.
INSERT INTO audit_events (job, id, tenant, actor, action, definition, subject, purpose, data, node, address, recipient, outcome, payload, correlation)
VALUES ($1, max($2, coalesce((SELECT max(id) + 1 FROM audit_events WHERE job = $1), 0)), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
