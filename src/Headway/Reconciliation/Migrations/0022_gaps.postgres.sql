-- As 0022_gaps.sqlite.sql, which says what each column is for.
CREATE TABLE gaps (
    id       uuid    PRIMARY KEY,
    kind     text    NOT NULL,
    what     text    NOT NULL,
    tenant   text,
    feature  text,
    job      uuid,
    amount   bigint  NOT NULL,
    found    bigint  NOT NULL,
    seen     bigint  NOT NULL,
    ended    bigint,
    did      text    NOT NULL
);

CREATE UNIQUE INDEX gaps_open ON gaps (kind, what) WHERE ended IS NULL;
CREATE INDEX gaps_ended ON gaps (ended) WHERE ended IS NOT NULL;
