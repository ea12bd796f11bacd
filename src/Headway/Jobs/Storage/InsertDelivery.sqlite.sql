-- An endpoint is to be told of a job's end. Primary key.
INSERT INTO deliveries (id, tenant, job, endpoint, event, required, created, due) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
