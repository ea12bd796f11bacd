-- Flushes of jobs' output. Primary key; a flush that is tried again is the same row.
INSERT INTO stream_log (job, first, last, body) SELECT job, first, last, body FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bytea[]) AS asked (job, first, last, body) ON CONFLICT (job, first) DO NOTHING
