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
