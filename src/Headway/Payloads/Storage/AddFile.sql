-- The primary key refuses a second upload under the same number, in the same write as its first chunk.
INSERT INTO files (job, number) VALUES ($1, $2)
