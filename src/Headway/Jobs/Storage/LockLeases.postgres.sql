-- Leases that a group renews, in one order: two groups of two nodes that renew the same ones wait for each other once, and not in a circle. Primary key.
SELECT 1, 1 FROM leases l JOIN (SELECT DISTINCT id FROM unnest($1::bigint[]) AS asked (id)) AS a USING (id) ORDER BY id FOR NO KEY UPDATE OF l
