-- Subjects whose data must not go, and keys of subjects whose data must.

-- What was sealed under a key that stands here can be read by nobody. The key itself is gone.
CREATE TABLE destroyed_keys (
    id      INTEGER PRIMARY KEY,   -- as in data_keys, where it never comes back
    tenant  TEXT    NOT NULL,
    at      INTEGER NOT NULL
);

CREATE INDEX destroyed_keys_at ON destroyed_keys (at);

-- One row per subject that is held. Few: they are made by people.
CREATE TABLE legal_holds (
    tenant   TEXT    NOT NULL,
    subject  BLOB    NOT NULL,     -- keyed MAC
    id       BLOB    NOT NULL CHECK (length(id) = 16),
    about    BLOB    NOT NULL,     -- sealed for its id: the subject and the reason
    actor    TEXT    NOT NULL,
    created  INTEGER NOT NULL,
    PRIMARY KEY (tenant, subject)
) WITHOUT ROWID;
