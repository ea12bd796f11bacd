-- Keys, each wrapped by the one above it, and the files that callers sent, sealed piece by piece.

-- One row: by this the master key is recognised before anything is sealed with another.
CREATE TABLE master_key (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    proof  BLOB    NOT NULL CHECK (length(proof) = 16)
);

CREATE TABLE tenant_keys (
    tenant   TEXT    PRIMARY KEY,
    wrapped  BLOB    NOT NULL CHECK (length(wrapped) = 60),
    created  INTEGER NOT NULL
) WITHOUT ROWID;

-- AUTOINCREMENT: the id is in every envelope, so that of a destroyed key must never come back.
CREATE TABLE data_keys (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT    NOT NULL,
    subject     BLOB    NOT NULL,   -- keyed MAC; empty: payloads without a subject
    generation  INTEGER NOT NULL,
    wrapped     BLOB    NOT NULL CHECK (length(wrapped) = 60),
    uses        INTEGER NOT NULL DEFAULT 0,
    created     INTEGER NOT NULL,
    UNIQUE (tenant, subject, generation)
);

-- One row per file of a job's input, made with its first chunk.
CREATE TABLE files (
    job          BLOB    NOT NULL CHECK (length(job) = 16),
    number       INTEGER NOT NULL,
    description  BLOB,              -- sealed: names, media type, length, digest; null while it is being sent
    PRIMARY KEY (job, number)
) WITHOUT ROWID;

CREATE TABLE file_chunks (
    id      INTEGER PRIMARY KEY,
    job     BLOB    NOT NULL,
    number  INTEGER NOT NULL,
    chunk   INTEGER NOT NULL,
    body    BLOB    NOT NULL,
    UNIQUE (job, number, chunk)
);
