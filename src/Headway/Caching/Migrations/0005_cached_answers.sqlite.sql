-- Answers that may be given again, sealed as the results of the jobs that made them; and of a job that was answered so, whose answer it was given.
CREATE TABLE cached_answers (
    id          INTEGER PRIMARY KEY,    -- rises with each answer: the oldest go first
    key         BLOB    NOT NULL UNIQUE,    -- keyed MAC of tenant, definition, subject and normalised input
    job         BLOB    NOT NULL,       -- who made it: what it is sealed for
    body        BLOB    NOT NULL,
    media_type  TEXT    NOT NULL,
    model       TEXT,
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL
);

CREATE INDEX cached_answers_expires ON cached_answers (expires);

ALTER TABLE jobs ADD COLUMN cached BLOB;
