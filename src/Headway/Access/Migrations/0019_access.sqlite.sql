-- Who may call, and who does.

-- One row for each key that was ever made; what was revoked or has expired stays for a year, so that its name can be told.
CREATE TABLE api_keys (
    id            TEXT    NOT NULL PRIMARY KEY,   -- the public part of its text
    tenant        TEXT    NOT NULL,
    everywhere    INTEGER NOT NULL,               -- 1: what it administers and works off is of all tenants
    name          TEXT    NOT NULL,
    roles         INTEGER NOT NULL,               -- bits of the enum Roles
    features      TEXT,                           -- names, with commas; null: all
    priority      INTEGER NOT NULL,               -- the highest that its calls get
    rate          INTEGER,                        -- calls a minute; null: no limit of its own
    mac           BLOB    NOT NULL,               -- keyed MAC of its text
    former        BLOB,                           -- of the text before, while both are good
    former_until  INTEGER,
    created       INTEGER NOT NULL,
    creator       TEXT    NOT NULL,
    expires       INTEGER,
    revoked       INTEGER,
    used          INTEGER                         -- by the minute, and written some minutes late
) WITHOUT ROWID;

-- The one number that rises with each change of a key: by it nodes see whether they know them all.
CREATE TABLE api_key_changes (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    number  INTEGER NOT NULL
);

INSERT INTO api_key_changes (id, number) VALUES (1, 0);

-- Who calls which version: counted in memory, and added some seconds late.
CREATE TABLE consumers (
    tenant   TEXT    NOT NULL,
    feature  TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    began    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    calls    INTEGER NOT NULL,
    PRIMARY KEY (tenant, feature, version, actor)
) WITHOUT ROWID;

CREATE INDEX consumers_last ON consumers (last);

-- 1: who sent it may decide what workflows ask people. What was sent before there were keys was sent by somebody who might do everything.
ALTER TABLE signals ADD COLUMN approver INTEGER NOT NULL DEFAULT 1;
