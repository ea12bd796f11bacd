-- What workflows have got, in the order in which they learned of it: each row is one thing that was waited for and is there. Appended under the fence of the
-- attempt, never changed; a workflow that goes on is run from its top and given these again in their order.
CREATE TABLE journal (
    job          BLOB    NOT NULL,
    number       INTEGER NOT NULL,      -- from 1, without gaps
    kind         INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    occurrence   INTEGER NOT NULL,
    fingerprint  BLOB,                  -- of what was asked with it
    outcome      INTEGER NOT NULL,      -- 0 a result, 1 a failure, 2 its time was over
    body         BLOB,                  -- sealed: the result, or what failed
    child        BLOB,
    began        INTEGER NOT NULL,
    ended        INTEGER NOT NULL,
    tries        INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;

ALTER TABLE jobs ADD COLUMN code INTEGER;           -- version of the workflow's code that the job stays with; null: 1, or not begun
ALTER TABLE jobs ADD COLUMN asked INTEGER;          -- 2: to be undone and cancelled; outlives its place in the queue
ALTER TABLE jobs ADD COLUMN rerun_of BLOB;          -- the job whose journal it began with
ALTER TABLE model_calls ADD COLUMN step TEXT;       -- of a workflow: the step that made the call

-- With which version of its code a workflow is begun, where people say so.
CREATE TABLE workflow_pins (
    feature  TEXT    NOT NULL PRIMARY KEY,
    version  INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    pinned   INTEGER NOT NULL
) WITHOUT ROWID;
