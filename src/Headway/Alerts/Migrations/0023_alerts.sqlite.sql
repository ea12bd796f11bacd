-- What operators are told of, each alert with what is known of it. No content.
-- state: 0 open, 1 acknowledged, 2 over. Amount and threshold are jobs, gaps, milliseconds or hundredths of a percent, as the kind says.
CREATE TABLE alerts (
    id            BLOB    PRIMARY KEY CHECK (length(id) = 16),   -- UUIDv7: in the order in which they opened
    kind          TEXT    NOT NULL,
    what          TEXT    NOT NULL,      -- of what: a feature, a version, an endpoint, a kind of gap
    feature       TEXT,
    reason        TEXT,                  -- what of several things the kind stands for; null: the usual one
    state         INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
    amount        INTEGER NOT NULL,
    threshold     INTEGER NOT NULL,
    opened        INTEGER NOT NULL,
    seen          INTEGER NOT NULL,      -- when the amount was last written down
    missed        INTEGER,               -- since when it is not there; null: it is there
    ended         INTEGER,               -- when it was over
    times         INTEGER NOT NULL,      -- how often it came back
    acknowledged  INTEGER,
    actor         TEXT,                  -- who did
    note          TEXT,
    accepted      INTEGER,               -- the amount that was acknowledged
    told          INTEGER NOT NULL,      -- what receivers know of it: 0 nothing, 1 that it is there, 2 that it is over, 3 that there was less of it
    told_at       INTEGER,
    CHECK ((state = 2) = (ended IS NOT NULL)),
    CHECK (state <> 1 OR acknowledged IS NOT NULL)
) WITHOUT ROWID;

-- One of a kind about the same thing is there.
CREATE UNIQUE INDEX alerts_open ON alerts (kind, what) WHERE ended IS NULL;
CREATE INDEX alerts_ended ON alerts (ended) WHERE ended IS NOT NULL;

-- The outbox tells of alerts, too. What is said of one is kept: it holds no content of jobs. Such rows are of no job, as tests are, and go when tests do.
ALTER TABLE deliveries ADD COLUMN alert BLOB;       -- null: of a job, a test, or of several alerts
ALTER TABLE deliveries ADD COLUMN said TEXT;        -- JSON; null: of a job or a test

-- How an endpoint does, over the last minutes. The name is in rows from now on.
ALTER TABLE delivery_attempts ADD COLUMN endpoint TEXT;
CREATE INDEX delivery_attempts_endpoint ON delivery_attempts (endpoint, started) WHERE endpoint IS NOT NULL;

-- How many dead letters a definition has. Only a job that dies touches it.
CREATE INDEX jobs_dead ON jobs (definition) WHERE state = 7;

-- Since when what is queued waits for its turn; null: since it was accepted. Written where a job comes to the queue again, and never by acceptance.
ALTER TABLE queue ADD COLUMN ready INTEGER;
