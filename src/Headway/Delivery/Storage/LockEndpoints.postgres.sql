-- Endpoints that a group tells something of, in one order, before the group touches anything else. Primary key.
SELECT 1, 1 FROM endpoints e JOIN (SELECT DISTINCT name FROM unnest($1::bytea[]) AS asked (name)) AS a ON e.name = convert_from(a.name, 'UTF8') ORDER BY e.name FOR UPDATE OF e
