-- What reconciliation found: something promised that is not so, and what was done about it. No content.
CREATE TABLE gaps (
    id       BLOB    PRIMARY KEY CHECK (length(id) = 16),   -- UUIDv7: in the order in which they were found
    kind     TEXT    NOT NULL,
    what     TEXT    NOT NULL,      -- of what: a job, a version, a lease
    tenant   TEXT,                  -- null: of no tenant
    feature  TEXT,
    job      BLOB,
    amount   INTEGER NOT NULL,      -- how many jobs it stands for
    found    INTEGER NOT NULL,
    seen     INTEGER NOT NULL,      -- when it was last there
    ended    INTEGER,               -- null: it waits for a person
    did      TEXT    NOT NULL       -- mended, retried or waiting
) WITHOUT ROWID;

-- One of a kind about the same thing is open.
CREATE UNIQUE INDEX gaps_open ON gaps (kind, what) WHERE ended IS NULL;
CREATE INDEX gaps_ended ON gaps (ended) WHERE ended IS NOT NULL;
