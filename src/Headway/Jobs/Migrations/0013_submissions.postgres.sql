-- As 0013_submissions.sqlite.sql, which says what each column is for.
ALTER TABLE queue ADD COLUMN hold bytea;
ALTER TABLE queue ADD COLUMN hold_until bigint;

CREATE UNIQUE INDEX queue_hold ON queue (hold) WHERE hold IS NOT NULL;

CREATE TABLE pool_shares (
    lease     bigint NOT NULL,
    pool      bigint NOT NULL,
    slots     bigint NOT NULL,
    taken     bigint NOT NULL,
    measured  bigint NOT NULL,
    took      bigint NOT NULL,
    PRIMARY KEY (lease, pool)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
