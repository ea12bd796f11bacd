-- Pull workers: processes that claim jobs over HTTP under a lease of their own. They may talk to any node, so what a node must know of them is here.
ALTER TABLE leases ADD COLUMN pools TEXT;       -- the pools that a worker claims from, as `,3,17,`; null: the lease of a node
ALTER TABLE queue ADD COLUMN until INTEGER;     -- running, under the lease of a worker: when the attempt is cut off

-- What workers hold: as many rows as they work on now.
CREATE INDEX queue_handed ON queue (until, pool) WHERE until IS NOT NULL AND state = 2;

ALTER TABLE jobs ADD COLUMN told TEXT;          -- the attempts whose workers have told what they spent and disclosed, as `,1,3,`: told again, nothing is added
