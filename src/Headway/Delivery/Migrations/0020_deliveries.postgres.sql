-- As 0020_deliveries.sqlite.sql, which says what each table and column is for.
CREATE TABLE deliveries (
    id        uuid     NOT NULL PRIMARY KEY,
    tenant    text     NOT NULL,
    job       uuid,
    endpoint  text     NOT NULL,
    event     text     NOT NULL,
    required  smallint NOT NULL,
    created   bigint   NOT NULL,
    state     smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    due       bigint   NOT NULL,
    attempts  integer  NOT NULL DEFAULT 0,
    tries     integer  NOT NULL DEFAULT 0,
    claimed   bigint,
    until     bigint,
    node      text,
    ended     bigint,
    CHECK (claimed IS NULL OR state = 0),
    CHECK ((claimed IS NULL) = (until IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX deliveries_due ON deliveries (endpoint, due, id) WHERE state = 0 AND claimed IS NULL;
CREATE INDEX deliveries_claimed ON deliveries (until) WHERE claimed IS NOT NULL;
CREATE INDEX deliveries_job ON deliveries (job) WHERE job IS NOT NULL;
CREATE INDEX deliveries_open ON deliveries (tenant, endpoint, state, created) WHERE state <> 1;
CREATE INDEX deliveries_tests ON deliveries (created) WHERE job IS NULL;

CREATE TABLE delivery_attempts (
    delivery  uuid    NOT NULL,
    number    integer NOT NULL,
    started   bigint  NOT NULL,
    took      bigint  NOT NULL,
    node      text,
    outcome   text    NOT NULL,
    status    integer,
    PRIMARY KEY (delivery, number)
);

CREATE TABLE endpoints (
    name       text    NOT NULL PRIMARY KEY,
    failures   integer NOT NULL DEFAULT 0,
    held       bigint,
    disabled   bigint,
    print      bytea
) WITH (fillfactor = 50);
