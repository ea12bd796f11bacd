-- `started`, with what the records know. Primary keys of jobs and audit_events.
INSERT INTO audit_events (job, id, tenant, actor, action, definition, subject, data, node)
SELECT j.id, asked.number, j.tenant, j.actor, 'started', j.definition, j.subject, asked.data, asked.node
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::uuid[]) AS asked (number, data, node, job) JOIN jobs j ON j.id = asked.job
