-- The number of each job's next event: the time, or one past its last event (see AppendEvent). Primary key.
SELECT greatest(at, coalesce((SELECT max(e.id) + 1 FROM audit_events e WHERE e.job = asked.job), 0)), ord FROM unnest($1::bigint[], $2::uuid[]) WITH ORDINALITY AS asked (at, job, ord)
