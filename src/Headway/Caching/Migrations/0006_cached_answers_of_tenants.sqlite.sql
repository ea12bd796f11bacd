-- Answers that may be given again, now with whose they are: each tenant has room of its own. What was kept before is made anew.
DROP TABLE cached_answers;

CREATE TABLE cached_answers (
    id          INTEGER PRIMARY KEY,    -- rises with each answer: the oldest go first
    tenant      TEXT    NOT NULL,
    key         BLOB    NOT NULL UNIQUE,    -- keyed MAC of tenant, definition, subject and normalised input, joined with what the models are
    job         BLOB    NOT NULL,       -- who made it: what it is sealed for
    body        BLOB    NOT NULL,
    media_type  TEXT    NOT NULL,
    model       TEXT,
    pieces      INTEGER NOT NULL,       -- how a stream showed it: 0 whole, 1 pieces of prose, 2 values
    size        INTEGER NOT NULL,       -- what it counts
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL
);

CREATE INDEX cached_answers_expires ON cached_answers (expires);
CREATE INDEX cached_answers_tenant ON cached_answers (tenant, id);

-- What each tenant keeps. The triggers are the only ones to write it, so no way of adding or removing an answer can forget it.
CREATE TABLE cached_sizes (
    tenant  TEXT    PRIMARY KEY,
    size    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX cached_sizes_size ON cached_sizes (size);

CREATE TRIGGER cached_answers_kept AFTER INSERT ON cached_answers BEGIN
    INSERT INTO cached_sizes (tenant, size) VALUES (NEW.tenant, NEW.size) ON CONFLICT (tenant) DO UPDATE SET size = size + excluded.size;
END;

CREATE TRIGGER cached_answers_gone AFTER DELETE ON cached_answers BEGIN
    UPDATE cached_sizes SET size = size - OLD.size WHERE tenant = OLD.tenant;
END;

-- Of a job that may be answered from the cache, or whose answer may be kept there, as long as it can be claimed.
ALTER TABLE queue ADD COLUMN cache_input BLOB;      -- keyed MAC of what of the call decides the answer
ALTER TABLE queue ADD COLUMN cache_anew INTEGER;    -- 1: its answer is kept, and it is given none
