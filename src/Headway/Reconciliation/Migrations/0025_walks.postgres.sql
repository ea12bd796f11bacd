-- As 0025_walks.sqlite.sql, which says what each column is for.
CREATE TABLE walks (
    name    text    PRIMARY KEY,
    after   uuid    NOT NULL,
    next    bigint  NOT NULL,
    holder  bigint,
    until   bigint  NOT NULL
);

INSERT INTO walks (name, after, next, holder, until) VALUES ('records', '00000000-0000-0000-0000-000000000000', 0, NULL, 0);
