-- As 0001_jobs.sqlite.sql, which says what each table and column is for, in the types and with the guards of PostgreSQL.
-- Tables that change all the time are vacuumed by count, not by share: the queue has few rows and many deaths.

CREATE FUNCTION headway_now() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('headway.now', true), '')::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
$$;

CREATE FUNCTION headway_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;

CREATE TABLE definitions (
    id       bigint   PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    hash     bytea    NOT NULL UNIQUE,
    feature  text     NOT NULL,
    version  bigint   NOT NULL,
    pool     bigint   NOT NULL,
    data     smallint NOT NULL,
    json     text     NOT NULL,
    created  bigint   NOT NULL
);

CREATE TABLE pools (
    id    bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name  text    NOT NULL UNIQUE
);

-- The sequence never goes back, so a number is never used twice: it is the fence.
CREATE TABLE leases (
    id       bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    node     text    NOT NULL,
    epoch    bigint  NOT NULL,
    expires  bigint  NOT NULL,
    version  text    NOT NULL,
    started  bigint  NOT NULL
);

CREATE TABLE jobs (
    id             uuid     PRIMARY KEY,
    created        bigint   NOT NULL,
    started        bigint,
    finished       bigint,
    deadline       bigint,
    deliver_by     bigint,
    definition     bigint   NOT NULL,
    queued         bigint,
    input          bigint,
    result         bigint,
    input_tokens   bigint   NOT NULL DEFAULT 0,
    output_tokens  bigint   NOT NULL DEFAULT 0,
    nano_usd       bigint   NOT NULL DEFAULT 0,
    last_event     bigint,
    prune          bigint,
    attempt        integer  NOT NULL DEFAULT 0,
    failures       integer  NOT NULL DEFAULT 0,
    mode           smallint NOT NULL CHECK (mode BETWEEN 0 AND 4),
    state          smallint NOT NULL CHECK (state = 0 OR state BETWEEN 5 AND 8),
    priority       smallint NOT NULL CHECK (priority BETWEEN 0 AND 9),
    shown          smallint NOT NULL DEFAULT 0,
    error_kind     smallint,
    tenant         text     NOT NULL,
    actor          text     NOT NULL,
    traceparent    text,
    subject        bytea,
    about          bytea,
    searchable     text,
    endpoint       text,
    input_type     text,
    result_type    text,
    error_code     text,
    fingerprint    text,
    error          bytea,
    model          text,
    node           text,
    cached         uuid,
    CHECK ((state = 0) = (finished IS NULL))
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE INDEX jobs_subject ON jobs (subject, id) WHERE subject IS NOT NULL;
CREATE INDEX jobs_troubled ON jobs (state, id) WHERE state > 5;
CREATE INDEX jobs_prune ON jobs (prune) WHERE prune IS NOT NULL;

CREATE TRIGGER jobs_state BEFORE UPDATE OF state ON jobs FOR EACH ROW
WHEN (NOT (OLD.state = 0 AND NEW.state > 4 OR OLD.state = 7 AND NEW.state = 0))
EXECUTE FUNCTION headway_refuse('a job cannot go from this state to that');

CREATE TABLE queue (
    job          uuid     PRIMARY KEY,
    pool         bigint   NOT NULL,
    rank         bigint   NOT NULL,
    due          bigint,
    deadline     bigint,
    lease        bigint,
    started      bigint,
    attempt      integer  NOT NULL DEFAULT 0,
    failures     integer  NOT NULL DEFAULT 0,
    crashes      integer  NOT NULL DEFAULT 0,
    state        smallint NOT NULL CHECK (state BETWEEN 0 AND 4),
    cache_anew   smallint,
    why          text,
    progress     bytea,
    cache_input  bytea,
    CHECK ((state = 2) = (lease IS NOT NULL)),
    CHECK (state <> 0 OR due IS NOT NULL)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000);

CREATE INDEX queue_ready ON queue (pool, rank, job) WHERE state = 1;
CREATE INDEX queue_due ON queue (due) WHERE state = 0;
CREATE INDEX queue_later ON queue (pool) WHERE state = 0;
CREATE INDEX queue_deadline ON queue (deadline) WHERE deadline IS NOT NULL;
-- What a node that is gone held: a scan of the table would be too dear with many nodes.
CREATE INDEX queue_held ON queue (lease) WHERE state = 2;

CREATE TRIGGER queue_state BEFORE UPDATE OF state ON queue FOR EACH ROW
WHEN (NOT (OLD.state = 0 AND NEW.state IN (1, 4)
        OR OLD.state = 1 AND NEW.state IN (2, 4)
        OR OLD.state = 2 AND NEW.state IN (0, 1, 3)
        OR OLD.state = 3 AND NEW.state IN (1, 4)
        OR OLD.state = 4 AND NEW.state IN (0, 1, 3)))
EXECUTE FUNCTION headway_refuse('a queued job cannot go from this state to that');

-- The last commit of each connection that writes: what it leaves is how a commit is known whose acknowledgement was lost.
CREATE TABLE commits (
    id    uuid         PRIMARY KEY,
    last  bigint       NOT NULL,
    at    timestamptz  NOT NULL
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE SEQUENCE payload_numbers INCREMENT BY 1000;

-- Sealed already, so not worth compressing.
CREATE TABLE payloads (
    id    bigint  PRIMARY KEY,
    body  bytea   NOT NULL
);

ALTER TABLE payloads ALTER body SET STORAGE EXTERNAL;

CREATE TABLE attempts (
    job          uuid     NOT NULL,
    number       integer  NOT NULL,
    started      bigint   NOT NULL,
    finished     bigint   NOT NULL,
    outcome      text     NOT NULL,
    node         text,
    model        text,
    error_code   text,
    error_kind   smallint,
    fingerprint  text,
    error        bytea,
    input_tokens bigint   NOT NULL DEFAULT 0,
    output_tokens bigint  NOT NULL DEFAULT 0,
    nano_usd     bigint   NOT NULL DEFAULT 0,
    PRIMARY KEY (job, number)
);

CREATE TABLE idempotency (
    pool         bigint  NOT NULL,
    tenant       text    NOT NULL,
    key          bytea   NOT NULL,
    fingerprint  bytea   NOT NULL,
    job          uuid    NOT NULL,
    expires      bigint  NOT NULL,
    PRIMARY KEY (pool, tenant, key)
);

CREATE INDEX idempotency_expires ON idempotency (expires);

CREATE TABLE stream_log (
    job    uuid    NOT NULL,
    first  bigint  NOT NULL,
    last   bigint  NOT NULL,
    body   bytea   NOT NULL,
    PRIMARY KEY (job, first)
);

ALTER TABLE stream_log ALTER body SET STORAGE EXTERNAL;

CREATE TABLE audit_events (
    job          uuid     NOT NULL,
    id           bigint   NOT NULL,
    definition   bigint,
    data         smallint NOT NULL,
    tenant       text     NOT NULL,
    actor        text     NOT NULL,
    action       text     NOT NULL,
    subject      bytea,
    purpose      text,
    node         text,
    address      text,
    recipient    text,
    outcome      text,
    payload      bytea,
    correlation  text,
    PRIMARY KEY (job, id)
);

CREATE TRIGGER audit_events_stay BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION headway_refuse('audit events are never changed or removed');
CREATE TRIGGER audit_events_remain BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION headway_refuse('audit events are never removed');
