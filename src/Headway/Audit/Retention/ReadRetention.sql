-- The setting of a database on a server. One row.
SELECT keep FROM audit_retention
