-- What nodes told that are gone. The table has a row for each node and pool; leases by primary key.
DELETE FROM pool_shares WHERE NOT EXISTS (SELECT 1 FROM leases l WHERE l.id = pool_shares.lease)
