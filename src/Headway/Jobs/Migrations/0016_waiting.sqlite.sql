-- What jobs wait for that gave up their place while they wait: timers, signals and jobs of their own.

ALTER TABLE jobs ADD COLUMN parent BLOB;        -- the job whose child it is; null: it was called from outside

-- One row for each thing that a job has asked for and not got. A name that is asked for again is the next occurrence.
CREATE TABLE waits (
    job          BLOB    NOT NULL,
    name         TEXT    NOT NULL,
    occurrence   INTEGER NOT NULL,
    kind         INTEGER NOT NULL,      -- 1 timer, 2 signal, 3 approval, 4 child, 5 another try of a step, 6 what a dead letter died of, 7 child that is only started, 8 another try of an undoing
    due          INTEGER,               -- when it is waited for no longer; of a timer and of another try: when it is there
    child        BLOB,
    began        INTEGER NOT NULL,
    tally        TEXT,                  -- of another try: how those before ended
    question     BLOB,                  -- of an approval: what is asked, sealed
    PRIMARY KEY (job, name, occurrence)
) WITHOUT ROWID;

CREATE INDEX waits_child ON waits (child) WHERE child IS NOT NULL;

-- What was sent to a job, in the order in which it came; kept until the job asks for it.
CREATE TABLE signals (
    job     BLOB    NOT NULL,
    number  INTEGER NOT NULL,
    name    TEXT    NOT NULL,
    key     BLOB,                       -- keyed MAC of its idempotency key
    print   BLOB,                       -- keyed MAC of what came with that key
    body    BLOB    NOT NULL,           -- sealed
    actor   TEXT    NOT NULL,
    sent    INTEGER NOT NULL,
    taken   INTEGER,                    -- when the job got it
    PRIMARY KEY (job, number)
) WITHOUT ROWID;

CREATE INDEX queue_waiting ON queue (job) WHERE state = 3;
CREATE INDEX queue_asleep ON queue (due) WHERE state = 3 AND due IS NOT NULL;

-- What people asked of a job under way, and how it went to sleep.
ALTER TABLE queue ADD COLUMN asked INTEGER;         -- 1 to pause as soon as it can, 2 to undo what it did and end as cancelled; null: nothing
ALTER TABLE queue ADD COLUMN paused_from INTEGER;   -- of one that is paused: its state before
ALTER TABLE queue ADD COLUMN rested INTEGER;        -- the attempt that ended because the job waits; the next two columns are of that one
ALTER TABLE queue ADD COLUMN undo INTEGER;          -- how many things it would undo if it were cancelled
ALTER TABLE queue ADD COLUMN emitted INTEGER;       -- how many pieces of output it had shown
