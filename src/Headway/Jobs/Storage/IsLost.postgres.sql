-- Whether a lease ran out before a time, by the database's clock whatever the node's says; no row: it is gone. Locked, so that its node cannot renew what
-- is being taken from it. Primary key.
SELECT expires < least($1, headway_now()) FROM leases WHERE id = $2 FOR UPDATE
