-- Whose turn it is to walk all records, and how far that came: one row.
CREATE TABLE walks (
    name    TEXT    PRIMARY KEY,
    after   BLOB    NOT NULL CHECK (length(after) = 16),   -- the last job that was looked at
    next    INTEGER NOT NULL,       -- not before
    holder  INTEGER,                -- the lease of the node that walks; null: none
    until   INTEGER NOT NULL        -- a holder that was not heard of by then has lost its turn
) WITHOUT ROWID;

INSERT INTO walks (name, after, next, holder, until) VALUES ('records', zeroblob(16), 0, NULL, 0);
