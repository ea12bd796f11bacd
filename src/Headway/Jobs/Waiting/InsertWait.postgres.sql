-- What jobs ask for from now on; a step that is to be tried again asks anew. Primary key.
INSERT INTO waits (job, name, occurrence, kind, due, child, began, tally) SELECT job, name, occurrence, kind, due, child, began, tally
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::uuid[], $7::bigint[], $8::text[])
    AS asked (job, name, occurrence, kind, due, child, began, tally)
ON CONFLICT (job, name, occurrence) DO UPDATE SET due = excluded.due, tally = excluded.tally
