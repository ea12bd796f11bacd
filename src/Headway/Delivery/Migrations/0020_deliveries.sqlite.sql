-- What is to be told to endpoints, each try of it, and what is known of the endpoints themselves.

-- The outbox. A row is written by the transaction that ends its job. A row that is sent is claimed until a moment: who holds it has marked it by then, or
-- anybody may send it again. Attempts count for ever and are the fence; tries count since it was last replayed, and go along the schedule.
-- state: 0 pending, 1 delivered, 2 dead. event: `job.succeeded` and the like. job: null of a test.
CREATE TABLE deliveries (
    id        BLOB    NOT NULL PRIMARY KEY,
    tenant    TEXT    NOT NULL,
    job       BLOB,
    endpoint  TEXT    NOT NULL,
    event     TEXT    NOT NULL,
    required  INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    state     INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    due       INTEGER NOT NULL,
    attempts  INTEGER NOT NULL DEFAULT 0,
    tries     INTEGER NOT NULL DEFAULT 0,
    claimed   INTEGER,
    until     INTEGER,
    node      TEXT,
    ended     INTEGER,
    CHECK (claimed IS NULL OR state = 0),
    CHECK ((claimed IS NULL) = (until IS NULL))
) WITHOUT ROWID;

CREATE INDEX deliveries_due ON deliveries (endpoint, due, id) WHERE state = 0 AND claimed IS NULL;
CREATE INDEX deliveries_claimed ON deliveries (until) WHERE claimed IS NOT NULL;
CREATE INDEX deliveries_job ON deliveries (job) WHERE job IS NOT NULL;
CREATE INDEX deliveries_open ON deliveries (tenant, endpoint, state, created) WHERE state <> 1;
CREATE INDEX deliveries_tests ON deliveries (created) WHERE job IS NULL;

-- status: of the answer; null where there was none. took: milliseconds.
CREATE TABLE delivery_attempts (
    delivery  BLOB    NOT NULL,
    number    INTEGER NOT NULL,
    started   INTEGER NOT NULL,
    took      INTEGER NOT NULL,
    node      TEXT,
    outcome   TEXT    NOT NULL,
    status    INTEGER,
    PRIMARY KEY (delivery, number)
) WITHOUT ROWID;

-- failures: in a row. held: nothing is sent before that moment. disabled: since when, by an answer of 410 to the address and secret that print tells of.
CREATE TABLE endpoints (
    name       TEXT    NOT NULL PRIMARY KEY,
    failures   INTEGER NOT NULL DEFAULT 0,
    held       INTEGER,
    disabled   INTEGER,
    print      BLOB
) WITHOUT ROWID;
