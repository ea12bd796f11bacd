-- `started`, with what the record knows. Primary keys of jobs and audit_events. The number comes from Audit/NextEvent: looked up in here, SQLite
-- would copy each row through a table in memory, because the statement would read what it writes.
INSERT INTO audit_events (job, id, tenant, actor, action, definition, subject, data, node)
SELECT id, $1, tenant, actor, 'started', definition, subject, $2, $3 FROM jobs WHERE id = $4
