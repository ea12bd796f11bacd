INSERT INTO files (job, number) VALUES ($1, $2)
