-- As 0002_payloads.sqlite.sql, in the types of PostgreSQL.

CREATE TABLE master_key (
    id     bigint  PRIMARY KEY CHECK (id = 1),
    proof  bytea   NOT NULL CHECK (length(proof) = 16)
);

CREATE TABLE tenant_keys (
    tenant   text    PRIMARY KEY,
    wrapped  bytea   NOT NULL CHECK (length(wrapped) = 60),
    created  bigint  NOT NULL
);

-- The sequence never goes back: the id of a destroyed key must never come again.
CREATE TABLE data_keys (
    id          bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    tenant      text    NOT NULL,
    subject     bytea   NOT NULL,
    generation  bigint  NOT NULL,
    wrapped     bytea   NOT NULL CHECK (length(wrapped) = 60),
    uses        bigint  NOT NULL DEFAULT 0,
    created     bigint  NOT NULL,
    UNIQUE (tenant, subject, generation)
);

CREATE TABLE files (
    job          uuid    NOT NULL,
    number       bigint  NOT NULL,
    description  bytea,
    PRIMARY KEY (job, number)
);

CREATE TABLE file_chunks (
    id      bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    job     uuid    NOT NULL,
    number  bigint  NOT NULL,
    chunk   bigint  NOT NULL,
    body    bytea   NOT NULL,
    UNIQUE (job, number, chunk)
);

ALTER TABLE file_chunks ALTER body SET STORAGE EXTERNAL;
