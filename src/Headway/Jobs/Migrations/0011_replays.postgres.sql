-- As 0011_replays.sqlite.sql, which says what each table and column is for.

ALTER TABLE queue ADD COLUMN tally text;
ALTER TABLE jobs ADD COLUMN replay_model text;

CREATE TABLE former_inputs (
    job       uuid     NOT NULL,
    number    integer  NOT NULL,
    payload   bigint   NOT NULL,
    attempt   integer  NOT NULL,
    replaced  bigint   NOT NULL,
    actor     text     NOT NULL,
    PRIMARY KEY (job, number)
);

CREATE TABLE replays (
    tenant       text     NOT NULL,
    key          bytea    NOT NULL,
    fingerprint  bytea    NOT NULL,
    owner        uuid     NOT NULL,
    until        bigint   NOT NULL,
    touched      bigint   NOT NULL,
    expires      bigint   NOT NULL,
    after        uuid,
    done         smallint NOT NULL DEFAULT 0,
    report       text     NOT NULL,
    PRIMARY KEY (tenant, key)
);
