-- What all other live nodes have. The table has a row for each node and pool; leases by primary key.
SELECT s.pool, s.slots, s.taken, s.measured, s.took FROM pool_shares s JOIN leases l ON l.id = s.lease WHERE s.lease <> $1 AND l.expires > $2
