-- What jobs ask for from now on; a step that is to be tried again asks anew. Primary key.
INSERT INTO waits (job, name, occurrence, kind, due, child, began, tally, question) SELECT job, name, occurrence, kind, due, child, began, tally, question
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::uuid[], $7::bigint[], $8::text[], $9::bytea[])
    AS asked (job, name, occurrence, kind, due, child, began, tally, question)
ON CONFLICT (job, name, occurrence) DO UPDATE SET due = excluded.due, tally = excluded.tally
