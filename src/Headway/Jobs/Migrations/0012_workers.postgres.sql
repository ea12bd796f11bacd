-- As 0012_workers.sqlite.sql, in the types of PostgreSQL.
ALTER TABLE leases ADD COLUMN pools text;
ALTER TABLE queue ADD COLUMN until bigint;

CREATE INDEX queue_handed ON queue (until, pool) WHERE until IS NOT NULL AND state = 2;

ALTER TABLE jobs ADD COLUMN told text;
