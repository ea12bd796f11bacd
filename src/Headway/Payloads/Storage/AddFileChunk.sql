-- UNIQUE (job, number, chunk): a chunk is kept once.
INSERT INTO file_chunks (job, number, chunk, body) VALUES ($1, $2, $3, $4)
