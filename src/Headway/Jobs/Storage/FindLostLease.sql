-- Leases are few: a scan.
SELECT id FROM leases WHERE expires < $1 AND id <> $2 LIMIT 1
