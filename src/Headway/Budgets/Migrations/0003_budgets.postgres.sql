-- As 0003_budgets.sqlite.sql, in the types of PostgreSQL.

-- A budget is one row that every settlement changes: room on its page keeps the changes out of the indexes.
CREATE TABLE budgets (
    id          bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    scope       text    NOT NULL,
    period      bigint  NOT NULL,
    reserved    bigint  NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    spent       bigint  NOT NULL DEFAULT 0 CHECK (spent >= 0),
    maybe_paid  bigint  NOT NULL DEFAULT 0,
    UNIQUE (scope, period)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE reservations (
    owner   uuid    NOT NULL,
    budget  bigint  NOT NULL,
    nano    bigint  NOT NULL CHECK (nano >= 0),
    PRIMARY KEY (owner, budget)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE model_calls (
    job            uuid     NOT NULL,
    attempt        integer  NOT NULL,
    number         integer  NOT NULL,
    at             bigint   NOT NULL,
    input_tokens   bigint   NOT NULL,
    output_tokens  bigint   NOT NULL,
    nano_usd       bigint   NOT NULL,
    estimated      smallint NOT NULL,
    model          text     NOT NULL,
    provider_model text,
    error_code     text,
    PRIMARY KEY (job, attempt, number)
);
