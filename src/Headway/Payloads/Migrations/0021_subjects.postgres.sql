-- As 0021_subjects.sqlite.sql, in the types of PostgreSQL.

CREATE TABLE destroyed_keys (
    id      bigint PRIMARY KEY,
    tenant  text   NOT NULL,
    at      bigint NOT NULL
);

CREATE INDEX destroyed_keys_at ON destroyed_keys (at);

CREATE TABLE legal_holds (
    tenant   text   NOT NULL,
    subject  bytea  NOT NULL,
    id       uuid   NOT NULL,
    about    bytea  NOT NULL,
    actor    text   NOT NULL,
    created  bigint NOT NULL,
    PRIMARY KEY (tenant, subject)
);
