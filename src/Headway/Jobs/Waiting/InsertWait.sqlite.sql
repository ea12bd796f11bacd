-- What a job asks for from now on; a step that is to be tried again asks anew. Primary key.
INSERT INTO waits (job, name, occurrence, kind, due, child, began, tally, question) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (job, name, occurrence) DO UPDATE SET due = excluded.due, tally = excluded.tally
