-- Jobs' first events, in the transaction that makes the jobs: AppendEvent without the look for earlier ones. Primary key.
INSERT INTO audit_events (job, id, tenant, actor, action, definition, subject, purpose, data, node, address, recipient, outcome, payload, correlation)
    SELECT job, id, tenant, actor, action, definition, subject, purpose, data, node, address, recipient, outcome, payload, correlation FROM
    unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bytea[], $8::text[], $9::bigint[], $10::text[],
    $11::text[], $12::text[], $13::text[], $14::bytea[], $15::text[]) AS asked (job, id, tenant, actor, action, definition, subject, purpose, data,
    node, address, recipient, outcome, payload, correlation)
