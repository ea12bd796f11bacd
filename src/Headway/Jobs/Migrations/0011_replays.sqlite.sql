-- How attempts ended, by class; dead letters that are replayed with another model or input; and replays of many under an idempotency key.

ALTER TABLE queue ADD COLUMN tally TEXT;        -- failed attempts by class, and snoozes, since acceptance or replay; null: none
ALTER TABLE jobs ADD COLUMN replay_model TEXT;  -- of its last replay: the model that is asked instead of the definition's; null: as defined

-- Inputs that a replay put others in the place of. They go with what their job holds.
CREATE TABLE former_inputs (
    job       BLOB    NOT NULL,
    number    INTEGER NOT NULL,     -- 1 is what was accepted
    payload   INTEGER NOT NULL,     -- payloads.id
    attempt   INTEGER NOT NULL,     -- the last one that had it
    replaced  INTEGER NOT NULL,
    actor     TEXT    NOT NULL,     -- who replaced it
    PRIMARY KEY (job, number)
) WITHOUT ROWID;

-- A replay of many: how far it came, so that it goes on after a loss of its node, and its report, so that a repeat gets it again.
CREATE TABLE replays (
    tenant       TEXT    NOT NULL,
    key          BLOB    NOT NULL,  -- keyed MAC of the Idempotency-Key
    fingerprint  BLOB    NOT NULL,  -- of what was asked
    owner        BLOB    NOT NULL,  -- the request that works on it: whoever else writes is too late
    until        INTEGER NOT NULL,  -- dead letters that ended by then are meant, and none that died again since
    touched      INTEGER NOT NULL,  -- the owner's last write
    expires      INTEGER NOT NULL,
    after        BLOB,              -- the last job that was decided about
    done         INTEGER NOT NULL DEFAULT 0,
    report       TEXT    NOT NULL,
    PRIMARY KEY (tenant, key)
) WITHOUT ROWID;
