-- Jobs, what can be claimed, payloads, history, and the audit events that tell of all of it.
-- Times are milliseconds since 1970. Ids of jobs are UUIDv7, big-endian: their order is the order of acceptance.
-- Names that repeat in every row (feature versions) are numbers here.
-- No `IN (a, b, c)` in a check, a partial index or a trigger: SQLite builds a table of the list in memory, for every row that is written.

-- A feature version as it was when it was first served: what acceptance pins.
CREATE TABLE definitions (
    id       INTEGER PRIMARY KEY,
    hash     BLOB    NOT NULL UNIQUE,
    feature  TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    pool     INTEGER NOT NULL,
    data     INTEGER NOT NULL,
    json     TEXT    NOT NULL,
    created  INTEGER NOT NULL
);

CREATE TABLE pools (
    id    INTEGER PRIMARY KEY,
    name  TEXT    NOT NULL UNIQUE
);

-- One row per living node and epoch. The number is never used twice, so it is the fence.
CREATE TABLE leases (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    node     TEXT    NOT NULL,
    epoch    INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    version  TEXT    NOT NULL,
    started  INTEGER NOT NULL
);

-- The record: written once at acceptance, finished once. While `state` is 0 the job is under way and the queue row says how.
CREATE TABLE jobs (
    id             BLOB    PRIMARY KEY CHECK (length(id) = 16),
    tenant         TEXT    NOT NULL,
    actor          TEXT    NOT NULL,
    definition     INTEGER NOT NULL,
    mode           INTEGER NOT NULL CHECK (mode BETWEEN 0 AND 4),
    state          INTEGER NOT NULL CHECK (state = 0 OR state BETWEEN 5 AND 8),
    priority       INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 9),
    created        INTEGER NOT NULL,
    started        INTEGER,
    finished       INTEGER,
    deadline       INTEGER,
    deliver_by     INTEGER,
    traceparent    TEXT,
    subject        BLOB,            -- keyed MAC; the subject itself is sealed in `about`
    about          BLOB,            -- sealed: subject and metadata
    searchable     TEXT,            -- the metadata that the feature declares searchable, as JSON
    endpoint       TEXT,
    attempt        INTEGER NOT NULL DEFAULT 0,
    failures       INTEGER NOT NULL DEFAULT 0,
    queued         INTEGER,         -- milliseconds before the first start
    input          INTEGER,         -- payloads.id
    input_type     TEXT,            -- null: application/json
    result         INTEGER,         -- payloads.id
    result_type    TEXT,
    error_code     TEXT,
    error_kind     INTEGER,
    fingerprint    TEXT,
    error          BLOB,            -- sealed words
    model          TEXT,
    input_tokens   INTEGER NOT NULL DEFAULT 0,
    output_tokens  INTEGER NOT NULL DEFAULT 0,
    nano_usd       INTEGER NOT NULL DEFAULT 0,
    node           TEXT,
    last_event     INTEGER,         -- id of the last logged event; `result` and `end` follow it
    shown          INTEGER NOT NULL DEFAULT 0,  -- whether the result was shown piece by piece
    prune          INTEGER,         -- when retention next takes something
    CHECK ((state = 0) = (finished IS NULL))
) WITHOUT ROWID;

CREATE INDEX jobs_subject ON jobs (subject, id) WHERE subject IS NOT NULL;
CREATE INDEX jobs_troubled ON jobs (state, id) WHERE state > 5;
CREATE INDEX jobs_prune ON jobs (prune) WHERE prune IS NOT NULL;

-- Of the diagram in docs/durability.md: a finished job stays as it is, but a dead letter can be replayed.
CREATE TRIGGER jobs_state BEFORE UPDATE OF state ON jobs
WHEN NOT (OLD.state = 0 AND NEW.state > 4 OR OLD.state = 7 AND NEW.state = 0)
BEGIN
    SELECT RAISE(FAIL, 'a job cannot go from this state to that');
END;

-- Only what can still be claimed or is claimed. States: 0 scheduled, 1 queued, 2 running, 3 waiting, 4 paused.
CREATE TABLE queue (
    job       BLOB    PRIMARY KEY,
    pool      INTEGER NOT NULL,
    state     INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
    rank      INTEGER NOT NULL,     -- acceptance minus the head start of its priority, in microseconds
    due       INTEGER,
    deadline  INTEGER,
    lease     INTEGER,              -- with attempt: the fence
    attempt   INTEGER NOT NULL DEFAULT 0,
    failures  INTEGER NOT NULL DEFAULT 0,
    crashes   INTEGER NOT NULL DEFAULT 0,
    started   INTEGER,
    why       TEXT,                 -- scheduled: start-time, backoff or snooze
    progress  BLOB,                 -- sealed JSON
    CHECK ((state = 2) = (lease IS NOT NULL)),
    CHECK (state <> 0 OR due IS NOT NULL)
) WITHOUT ROWID;

CREATE INDEX queue_ready ON queue (pool, rank, job) WHERE state = 1;
CREATE INDEX queue_due ON queue (due) WHERE state = 0;
CREATE INDEX queue_later ON queue (pool) WHERE state = 0;
CREATE INDEX queue_deadline ON queue (deadline) WHERE deadline IS NOT NULL;

CREATE TRIGGER queue_state BEFORE UPDATE OF state ON queue
WHEN NOT (OLD.state = 0 AND (NEW.state = 1 OR NEW.state = 4)
       OR OLD.state = 1 AND (NEW.state = 2 OR NEW.state = 4)
       OR OLD.state = 2 AND (NEW.state < 2 OR NEW.state = 3)
       OR OLD.state = 3 AND (NEW.state = 1 OR NEW.state = 4)
       OR OLD.state = 4 AND (NEW.state < 2 OR NEW.state = 3))
BEGIN
    SELECT RAISE(FAIL, 'a queued job cannot go from this state to that');
END;

-- Sealed bytes by number: inputs and results. Appended, read by number, deleted by retention.
CREATE TABLE payloads (
    id    INTEGER PRIMARY KEY,
    body  BLOB    NOT NULL
);

-- Attempts that did not succeed. The one that ended the job is in its record.
CREATE TABLE attempts (
    job          BLOB    NOT NULL,
    number       INTEGER NOT NULL,
    started      INTEGER NOT NULL,
    finished     INTEGER NOT NULL,
    outcome      TEXT    NOT NULL,
    node         TEXT,
    model        TEXT,
    error_code   TEXT,
    error_kind   INTEGER,
    fingerprint  TEXT,
    error        BLOB,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    nano_usd     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;

CREATE TABLE idempotency (
    pool         INTEGER NOT NULL,
    tenant       TEXT    NOT NULL,
    key          BLOB    NOT NULL,  -- keyed MAC
    fingerprint  BLOB    NOT NULL,  -- keyed MAC of the payload
    job          BLOB    NOT NULL,
    expires      INTEGER NOT NULL,
    PRIMARY KEY (pool, tenant, key)
) WITHOUT ROWID;

CREATE INDEX idempotency_expires ON idempotency (expires);

-- The output log: each row holds the events `first` to `last` of one flush, sealed.
CREATE TABLE stream_log (
    job    BLOB    NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    body   BLOB    NOT NULL,
    PRIMARY KEY (job, first)
) WITHOUT ROWID;

-- Who touched which data of which job. Clustered by job, appended only; `id` is microseconds, made unique by the writer.
CREATE TABLE audit_events (
    job          BLOB    NOT NULL,
    id           INTEGER NOT NULL,
    tenant       TEXT    NOT NULL,
    actor        TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    definition   INTEGER,
    subject      BLOB,
    purpose      TEXT,
    data         INTEGER NOT NULL,
    node         TEXT,
    address      TEXT,
    recipient    TEXT,
    outcome      TEXT,
    payload      BLOB,              -- keyed MAC of what was disclosed or delivered
    correlation  TEXT,              -- null: the job's id
    PRIMARY KEY (job, id)
) WITHOUT ROWID;

CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;
CREATE TRIGGER audit_events_remain BEFORE DELETE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit events are never removed'); END;
