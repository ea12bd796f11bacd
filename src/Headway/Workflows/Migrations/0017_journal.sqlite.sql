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
