-- A job that has not begun says what its last caller said; when it was accepted and its priority stay. Primary key.
UPDATE jobs SET actor = $1, definition = $2, deadline = $3, deliver_by = $4, traceparent = $5, subject = $6, about = $7, searchable = $8, endpoint = $9, input = $10, input_type = $11
WHERE id = $12
