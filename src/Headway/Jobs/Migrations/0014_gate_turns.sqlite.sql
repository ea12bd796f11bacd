-- From which turn on what waits of a tenant with limits goes on in a pool, whatever turns it was given: it was held back while others had theirs. A row is
-- made when a claim finds the tenant at its limit.
CREATE TABLE gate_turns (
    pool    INTEGER NOT NULL,
    tenant  TEXT    NOT NULL,
    turn    INTEGER NOT NULL,
    PRIMARY KEY (pool, tenant)
) WITHOUT ROWID;
