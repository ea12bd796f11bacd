-- As 0004_limits.sqlite.sql, in the types of PostgreSQL.

CREATE TABLE model_grants (
    model    text    NOT NULL,
    second   bigint  NOT NULL,
    requests bigint  NOT NULL CHECK (requests >= 0),
    tokens   bigint  NOT NULL CHECK (tokens >= 0),
    PRIMARY KEY (model, second)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE model_slots (
    model text    NOT NULL,
    lease bigint  NOT NULL,
    slots bigint  NOT NULL CHECK (slots >= 0),
    PRIMARY KEY (model, lease)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
