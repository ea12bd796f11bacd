-- The chain over the audit events, what signs it, and the indexes by which events are searched.

-- Anew, with a number that grows with each event: there is one writer, so the order of the numbers is the order of the commits, and whatever is above
-- the last chained number is not chained yet. That costs next to nothing: a trigger that notes each event took half as long again as the event.
CREATE TABLE audit_events_numbered (
    number       INTEGER PRIMARY KEY,
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
    UNIQUE (job, id)
);

INSERT INTO audit_events_numbered (job, id, tenant, actor, action, definition, subject, purpose, data, node, address, recipient, outcome, payload, correlation)
SELECT job, id, tenant, actor, action, definition, subject, purpose, data, node, address, recipient, outcome, payload, correlation FROM audit_events ORDER BY id, job;

DROP TABLE audit_events;
ALTER TABLE audit_events_numbered RENAME TO audit_events;

-- New events come at its end, as times grow: the cheapest place of a tree.
CREATE INDEX audit_events_time ON audit_events (tenant, id);
CREATE INDEX audit_events_subject ON audit_events (subject, id) WHERE subject IS NOT NULL;

-- One row: the number of the last event that is chained.
CREATE TABLE audit_unchained (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    after  INTEGER NOT NULL
);

INSERT INTO audit_unchained (id, after) VALUES (1, 0);

-- One link per event: the SHA-256 of the link before, of its place and of the event. Which event it is, is named by its key.
CREATE TABLE audit_chain (
    seq    INTEGER PRIMARY KEY,
    job    BLOB    NOT NULL,
    event  INTEGER NOT NULL,
    hash   BLOB    NOT NULL CHECK (length(hash) = 32)
);

-- The first key names the chain. The private half is sealed by the keys of the vault.
CREATE TABLE audit_keys (
    id       BLOB    PRIMARY KEY CHECK (length(id) = 16),
    chain    BLOB    NOT NULL CHECK (length(chain) = 16),
    public   BLOB    NOT NULL,
    sealed   BLOB    NOT NULL,
    created  INTEGER NOT NULL
) WITHOUT ROWID;

-- The chain as it was at a moment, signed.
CREATE TABLE audit_checkpoints (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    key        BLOB    NOT NULL,
    signature  BLOB    NOT NULL
);

-- What retention dropped: everything up to `last`, which is a checkpoint. The chain begins after the newest.
CREATE TABLE audit_segments (
    last       INTEGER PRIMARY KEY,
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    at         INTEGER NOT NULL,
    keep       INTEGER NOT NULL,    -- how long events were kept then, in milliseconds
    key        BLOB    NOT NULL,
    signature  BLOB    NOT NULL
);

-- There is a row only while the statement that inserts it drops what lies up to link `upto` and was told before `before`, in milliseconds.
CREATE TABLE audit_dropping (
    upto    INTEGER NOT NULL,
    before  INTEGER NOT NULL
);

CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;
CREATE TRIGGER audit_events_remain BEFORE DELETE ON audit_events WHEN NOT EXISTS (SELECT 1 FROM audit_dropping WHERE OLD.id < before * 1000)
BEGIN SELECT RAISE(ABORT, 'audit events are removed by retention alone'); END;
CREATE TRIGGER audit_chain_stay BEFORE UPDATE ON audit_chain BEGIN SELECT RAISE(ABORT, 'the chain of audit events is never changed'); END;
CREATE TRIGGER audit_chain_remain BEFORE DELETE ON audit_chain WHEN NOT EXISTS (SELECT 1 FROM audit_dropping WHERE OLD.seq <= upto)
BEGIN SELECT RAISE(ABORT, 'the chain of audit events is shortened by retention alone'); END;
CREATE TRIGGER audit_checkpoints_stay BEFORE UPDATE ON audit_checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER audit_checkpoints_remain BEFORE DELETE ON audit_checkpoints WHEN NOT EXISTS (SELECT 1 FROM audit_dropping WHERE OLD.seq < upto)
BEGIN SELECT RAISE(ABORT, 'checkpoints are removed by retention alone'); END;
CREATE TRIGGER audit_segments_stay BEFORE UPDATE ON audit_segments BEGIN SELECT RAISE(ABORT, 'what was dropped is never changed'); END;
CREATE TRIGGER audit_segments_remain BEFORE DELETE ON audit_segments BEGIN SELECT RAISE(ABORT, 'what was dropped is never forgotten'); END;
CREATE TRIGGER audit_keys_stay BEFORE UPDATE ON audit_keys BEGIN SELECT RAISE(ABORT, 'keys of checkpoints are never changed'); END;
CREATE TRIGGER audit_keys_remain BEFORE DELETE ON audit_keys BEGIN SELECT RAISE(ABORT, 'keys of checkpoints are never removed'); END;

-- Only what lies in a sealed segment.
CREATE TRIGGER audit_dropping_sealed BEFORE INSERT ON audit_dropping WHEN NOT EXISTS (SELECT 1 FROM audit_segments WHERE last >= NEW.upto)
BEGIN SELECT RAISE(ABORT, 'only a sealed segment is dropped'); END;

CREATE TRIGGER audit_dropping_drops AFTER INSERT ON audit_dropping
BEGIN
    DELETE FROM audit_events WHERE number IN (SELECT e.number FROM audit_chain c JOIN audit_events e ON e.job = c.job AND e.id = c.event WHERE c.seq <= NEW.upto);
    DELETE FROM audit_chain WHERE seq <= NEW.upto;
    DELETE FROM audit_checkpoints WHERE seq < NEW.upto;
    DELETE FROM audit_dropping;
END;
