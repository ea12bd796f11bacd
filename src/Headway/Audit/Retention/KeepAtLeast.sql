-- The setting of a database on a server, for its owner alone. One row.
UPDATE audit_retention SET keep = $1 WHERE keep > $1
