-- Money that may be spent. Amounts are billionths of a US dollar; periods are named by the moment they begin, in milliseconds since 1970.

-- The only counter: what was spent of a budget in a period, and what is held back for work under way.
CREATE TABLE budgets (
    id          INTEGER PRIMARY KEY,
    scope       TEXT    NOT NULL,           -- tenant:NAME or feature:NAME, then month or day
    period      INTEGER NOT NULL,
    reserved    INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    spent       INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
    maybe_paid  INTEGER NOT NULL DEFAULT 0, -- of what was spent: calls whose outcome nobody knows
    UNIQUE (scope, period)
);

-- What is held back for whom: for each budget `reserved` is the sum of its rows here.
CREATE TABLE reservations (
    owner   BLOB    NOT NULL,               -- a job, or the slice of a node
    budget  INTEGER NOT NULL,
    nano    INTEGER NOT NULL CHECK (nano >= 0),
    PRIMARY KEY (owner, budget)
) WITHOUT ROWID;

-- Each call of a model and what it cost: facts, appended, whoever has the job by then.
CREATE TABLE model_calls (
    job            BLOB    NOT NULL,
    attempt        INTEGER NOT NULL,
    number         INTEGER NOT NULL,        -- counts the calls of the attempt
    at             INTEGER NOT NULL,
    model          TEXT    NOT NULL,        -- as the feature file calls it
    provider_model TEXT,                    -- as the provider says it
    input_tokens   INTEGER NOT NULL,
    output_tokens  INTEGER NOT NULL,
    nano_usd       INTEGER NOT NULL,
    estimated      INTEGER NOT NULL,        -- the provider did not say what it used
    error_code     TEXT,                    -- null: it answered; maybe-paid: nobody knows
    PRIMARY KEY (job, attempt, number)
) WITHOUT ROWID;
