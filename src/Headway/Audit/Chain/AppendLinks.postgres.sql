-- Links at the end of the chain. Primary key.
INSERT INTO audit_chain (seq, job, event, hash) SELECT seq, job, event, hash FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bytea[]) AS asked (seq, job, event, hash)
