-- A job's first event, in the transaction that makes the job: AppendEvent without the look for an earlier one. Primary key.
INSERT INTO audit_events (job, id, tenant, actor, action, definition, subject, purpose, data, node, address, recipient, outcome, payload, correlation)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
