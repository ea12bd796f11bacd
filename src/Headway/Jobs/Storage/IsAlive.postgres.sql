-- Whether a lease is there and has not run out, by the database's time; nobody ends it before this transaction has ended, and who only renews it does not
-- wait. Primary key.
SELECT 1 FROM leases WHERE id = $1 AND expires > headway_now() FOR KEY SHARE
