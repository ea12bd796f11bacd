-- As 0023_alerts.sqlite.sql, which says what each column is for.
CREATE TABLE alerts (
    id            uuid     PRIMARY KEY,
    kind          text     NOT NULL,
    what          text     NOT NULL,
    feature       text,
    reason        text,
    state         smallint NOT NULL CHECK (state BETWEEN 0 AND 2),
    amount        bigint   NOT NULL,
    threshold     bigint   NOT NULL,
    opened        bigint   NOT NULL,
    seen          bigint   NOT NULL,
    missed        bigint,
    ended         bigint,
    times         integer  NOT NULL,
    acknowledged  bigint,
    actor         text,
    note          text,
    accepted      bigint,
    told          smallint NOT NULL,
    told_at       bigint,
    CHECK ((state = 2) = (ended IS NOT NULL)),
    CHECK (state <> 1 OR acknowledged IS NOT NULL)
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX alerts_open ON alerts (kind, what) WHERE ended IS NULL;
CREATE INDEX alerts_ended ON alerts (ended) WHERE ended IS NOT NULL;

ALTER TABLE deliveries ADD COLUMN alert uuid;
ALTER TABLE deliveries ADD COLUMN said text;

ALTER TABLE delivery_attempts ADD COLUMN endpoint text;
CREATE INDEX delivery_attempts_endpoint ON delivery_attempts (endpoint, started) WHERE endpoint IS NOT NULL;

CREATE INDEX jobs_dead ON jobs (definition) WHERE state = 7;

ALTER TABLE queue ADD COLUMN ready bigint;
