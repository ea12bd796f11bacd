-- As 0014_gate_turns.sqlite.sql, which says what it is for.
CREATE TABLE gate_turns (
    pool    bigint NOT NULL,
    tenant  text   NOT NULL,
    turn    bigint NOT NULL,
    PRIMARY KEY (pool, tenant)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
