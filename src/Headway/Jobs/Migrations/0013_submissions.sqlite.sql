-- Jobs that hold a key, and what nodes tell each other of their pools.

-- The MAC of the key under which a job is the only one that is under way: it ends with the row. Of a debounced job also the latest time of its start.
ALTER TABLE queue ADD COLUMN hold BLOB;
ALTER TABLE queue ADD COLUMN hold_until INTEGER;

CREATE UNIQUE INDEX queue_hold ON queue (hold) WHERE hold IS NOT NULL;

-- What a live node has of a pool: slots, those that are taken, how many jobs it has measured lately and how long they took in the mean, in microseconds. A
-- row counts as long as its lease does.
CREATE TABLE pool_shares (
    lease     INTEGER NOT NULL,
    pool      INTEGER NOT NULL,
    slots     INTEGER NOT NULL,
    taken     INTEGER NOT NULL,
    measured  INTEGER NOT NULL,
    took      INTEGER NOT NULL,
    PRIMARY KEY (lease, pool)
) WITHOUT ROWID;
