-- What may be asked of a model. Times are whole seconds since 1970.

-- What was granted to nodes, counted in the second by whose end it must have been used.
CREATE TABLE model_grants (
    model    TEXT    NOT NULL,              -- as the feature file calls it
    second   INTEGER NOT NULL,
    requests INTEGER NOT NULL CHECK (requests >= 0),
    tokens   INTEGER NOT NULL CHECK (tokens >= 0),
    PRIMARY KEY (model, second)
) WITHOUT ROWID;

-- How many calls at once a node may have open. A row counts as long as its lease lives.
CREATE TABLE model_slots (
    model TEXT    NOT NULL,
    lease INTEGER NOT NULL,
    slots INTEGER NOT NULL CHECK (slots >= 0),
    PRIMARY KEY (model, lease)
) WITHOUT ROWID;
