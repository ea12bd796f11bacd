-- The one row: who adds a tenant's key meanwhile waits, and finds another key in force.
SELECT proof FROM master_key WHERE id = 1 FOR UPDATE
