-- Primary key. A subject is held once.
INSERT INTO legal_holds (tenant, subject, id, about, actor, created) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
