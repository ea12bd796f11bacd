-- An endpoint is to be told of an alert. Primary key.
INSERT INTO deliveries (id, tenant, alert, endpoint, event, said, required, created, due) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)
