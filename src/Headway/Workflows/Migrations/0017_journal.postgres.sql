-- As 0017_journal.sqlite.sql, which says what each column is for.
CREATE TABLE journal (
    job          uuid      NOT NULL,
    number       bigint    NOT NULL,
    kind         smallint  NOT NULL,
    occurrence   integer   NOT NULL,
    outcome      smallint  NOT NULL,
    name         text      NOT NULL,
    fingerprint  bytea,
    body         bytea,
    child        uuid,
    began        bigint    NOT NULL,
    ended        bigint    NOT NULL,
    tries        integer   NOT NULL,
    attempt      integer   NOT NULL,
    PRIMARY KEY (job, number)
);

-- Sealed already, so not worth compressing.
ALTER TABLE journal ALTER body SET STORAGE EXTERNAL;

ALTER TABLE jobs ADD COLUMN code integer;
ALTER TABLE jobs ADD COLUMN asked smallint;
ALTER TABLE jobs ADD COLUMN rerun_of uuid;
ALTER TABLE model_calls ADD COLUMN step text;

CREATE TABLE workflow_pins (
    feature  text    NOT NULL PRIMARY KEY,
    version  integer NOT NULL,
    actor    text    NOT NULL,
    pinned   bigint  NOT NULL
);
