-- Endpoints are to be told of jobs' ends. Primary key.
INSERT INTO deliveries (id, tenant, job, endpoint, event, required, created, due) SELECT id, tenant, job, endpoint, event, required, created, created
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bigint[]) AS asked (id, tenant, job, endpoint, event, required, created)
