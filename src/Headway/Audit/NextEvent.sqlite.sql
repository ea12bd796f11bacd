-- The number of a job's next event: the time, or one past its last event (see AppendEvent). Primary key.
SELECT max($1, coalesce(max(id) + 1, 0)) FROM audit_events WHERE job = $2
