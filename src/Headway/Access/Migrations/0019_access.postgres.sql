-- As 0019_access.sqlite.sql, which says what each table and column is for.

CREATE TABLE api_keys (
    id            text    NOT NULL PRIMARY KEY,
    tenant        text    NOT NULL,
    everywhere    bigint  NOT NULL,
    name          text    NOT NULL,
    roles         bigint  NOT NULL,
    features      text,
    priority      bigint  NOT NULL,
    rate          bigint,
    mac           bytea   NOT NULL,
    former        bytea,
    former_until  bigint,
    created       bigint  NOT NULL,
    creator       text    NOT NULL,
    expires       bigint,
    revoked       bigint,
    used          bigint
);

CREATE TABLE api_key_changes (
    id      bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    number  bigint NOT NULL
);

INSERT INTO api_key_changes (id, number) VALUES (1, 0);

CREATE TABLE consumers (
    tenant   text    NOT NULL,
    feature  text    NOT NULL,
    version  bigint  NOT NULL,
    actor    text    NOT NULL,
    began    bigint  NOT NULL,
    last     bigint  NOT NULL,
    calls    bigint  NOT NULL,
    PRIMARY KEY (tenant, feature, version, actor)
);

CREATE INDEX consumers_last ON consumers (last);

ALTER TABLE signals ADD COLUMN approver bigint NOT NULL DEFAULT 1;
