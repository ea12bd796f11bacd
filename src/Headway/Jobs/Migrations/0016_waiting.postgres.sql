-- As 0016_waiting.sqlite.sql, which says what each table and column is for.

ALTER TABLE jobs ADD COLUMN parent uuid;

CREATE TABLE waits (
    job          uuid      NOT NULL,
    name         text      NOT NULL,
    occurrence   integer   NOT NULL,
    kind         smallint  NOT NULL,
    due          bigint,
    child        uuid,
    began        bigint    NOT NULL,
    tally        text,
    question   bytea,
    PRIMARY KEY (job, name, occurrence)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE INDEX waits_child ON waits (child) WHERE child IS NOT NULL;

CREATE TABLE signals (
    job     uuid    NOT NULL,
    number  bigint  NOT NULL,
    name    text    NOT NULL,
    key     bytea,
    print   bytea,
    body    bytea   NOT NULL,
    actor   text    NOT NULL,
    sent    bigint  NOT NULL,
    taken   bigint,
    PRIMARY KEY (job, number)
);

CREATE INDEX queue_waiting ON queue (job) WHERE state = 3;
CREATE INDEX queue_asleep ON queue (due) WHERE state = 3 AND due IS NOT NULL;

ALTER TABLE queue ADD COLUMN asked smallint;
ALTER TABLE queue ADD COLUMN paused_from smallint;
ALTER TABLE queue ADD COLUMN rested bigint;
ALTER TABLE queue ADD COLUMN undo bigint;
ALTER TABLE queue ADD COLUMN emitted bigint;
