-- The id is the time in microseconds, moved on past the job's last event, and one by one for those of a job that come together. Primary key.
INSERT INTO audit_events (job, id, tenant, actor, action, definition, subject, purpose, data, node, address, recipient, outcome, payload, correlation)
    SELECT job, greatest(id, coalesce((SELECT max(e.id) + 1 FROM audit_events e WHERE e.job = asked.job), 0)) + row_number() OVER (PARTITION BY job
    ORDER BY ord) - 1, tenant, actor, action, definition, subject, purpose, data, node, address, recipient, outcome, payload, correlation FROM
    unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bytea[], $8::text[], $9::bigint[], $10::text[],
    $11::text[], $12::text[], $13::text[], $14::bytea[], $15::text[]) WITH ORDINALITY AS asked (job, id, tenant, actor, action, definition, subject,
    purpose, data, node, address, recipient, outcome, payload, correlation, ord)
