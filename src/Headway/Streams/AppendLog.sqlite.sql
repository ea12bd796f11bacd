-- One flush of a job's output. Primary key; a flush that is tried again is the same row.
INSERT INTO stream_log (job, first, last, body) VALUES ($1, $2, $3, $4) ON CONFLICT (job, first) DO NOTHING
