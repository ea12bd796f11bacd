-- As 0009_turns.sqlite.sql, in the types of PostgreSQL.
ALTER TABLE pools ADD COLUMN turn bigint NOT NULL DEFAULT 0;
-- Each claim moves the turn: room on the page keeps the changes out of the indexes.
ALTER TABLE pools SET (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE queue ADD COLUMN gate text;

CREATE TABLE turns (
    pool     bigint   NOT NULL,
    tenant   text     NOT NULL,
    lane     smallint NOT NULL CHECK (lane BETWEEN 0 AND 10),
    slot     bigint   NOT NULL,
    base     bigint   NOT NULL,
    charged  bigint   NOT NULL,
    PRIMARY KEY (pool, tenant, lane, slot)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

UPDATE pools SET turn = coalesce((SELECT max(rank) FROM queue WHERE pool = pools.id), 0);

DROP INDEX queue_ready;
CREATE INDEX queue_ready ON queue (pool, rank, job) WHERE state = 1 AND gate IS NULL;
CREATE INDEX queue_gated ON queue (pool, gate, rank, job) WHERE state = 1 AND gate IS NOT NULL;
CREATE INDEX queue_of_gate ON queue (gate, state) WHERE gate IS NOT NULL;
