-- The number is the reference, and was given out by the writer.
INSERT INTO payloads (id, body) SELECT id, body FROM unnest($1::bigint[], $2::bytea[]) AS asked (id, body)
