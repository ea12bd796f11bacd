-- Whose turn it is. A pool's time is virtual: it stands at the rank of what was claimed last. A tenant's jobs take their turns one after the other, none
-- before the pool's time, so that nobody saves up turns while idle. What has a gate belongs to a tenant whose jobs are counted, and is claimed apart.
ALTER TABLE pools ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue ADD COLUMN gate TEXT;

-- What was charged to a tenant in a pool. A lane is a priority, or 10 for what comes back; what is charged to a lane delays those below it as well, and so a
-- tenant's urgent job passes its backlog and is paid for by it. `base`: with what is charged to this lane and those above it, the tenant's next turn in it.
-- There is one slot; where many nodes write there are more, so that none waits for another.
CREATE TABLE turns (
    pool     INTEGER NOT NULL,
    tenant   TEXT    NOT NULL,
    lane     INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 10),
    slot     INTEGER NOT NULL,
    base     INTEGER NOT NULL,
    charged  INTEGER NOT NULL,
    PRIMARY KEY (pool, tenant, lane, slot)
) WITHOUT ROWID;

-- What waits already comes before what is accepted from now on.
UPDATE pools SET turn = coalesce((SELECT max(rank) FROM queue WHERE pool = pools.id), 0);

DROP INDEX queue_ready;
CREATE INDEX queue_ready ON queue (pool, rank, job) WHERE state = 1 AND gate IS NULL;
CREATE INDEX queue_gated ON queue (pool, gate, rank, job) WHERE state = 1 AND gate IS NOT NULL;
CREATE INDEX queue_of_gate ON queue (gate, state) WHERE gate IS NOT NULL;
