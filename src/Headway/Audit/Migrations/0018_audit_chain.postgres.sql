-- As 0018_audit_chain.sqlite.sql, which says what each table is for. Here commits come in another order than their events, so what is not chained yet is noted.

-- At once, and not step by step: who has read the table meanwhile and wants to add to it would else wait for us while we wait for it.
LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE;

CREATE INDEX audit_events_time ON audit_events (tenant, id);
CREATE INDEX audit_events_subject ON audit_events (subject, id) WHERE subject IS NOT NULL;

-- One row for each statement that inserted events, which may be those of a thousand jobs. Its rows live for a second, so it is vacuumed by count.
CREATE TABLE audit_unchained (
    id      bigint   PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    jobs    uuid[]   NOT NULL,
    events  bigint[] NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- With the rights of the owner, so that nodes of the program before, whose role knows nothing of the table yet, go on.
CREATE FUNCTION headway_note_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO audit_unchained (jobs, events) SELECT array_agg(job), array_agg(id) FROM told HAVING count(*) > 0;
    RETURN NULL;
END $$;

-- A trigger, so that nodes of the program before note theirs, too.
CREATE TRIGGER audit_events_noted AFTER INSERT ON audit_events REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION headway_note_events();

-- What was told before there was a chain.
INSERT INTO audit_unchained (jobs, events) SELECT array_agg(job ORDER BY place), array_agg(id ORDER BY place)
    FROM (SELECT job, id, row_number() OVER (ORDER BY id, job) AS place FROM audit_events) AS earlier GROUP BY place / 1000 ORDER BY place / 1000;

CREATE TABLE audit_chain (
    seq    bigint PRIMARY KEY,
    event  bigint NOT NULL,
    job    uuid   NOT NULL,
    hash   bytea  NOT NULL CHECK (length(hash) = 32)
);

CREATE TABLE audit_keys (
    id       uuid   PRIMARY KEY,
    chain    uuid   NOT NULL,
    public   bytea  NOT NULL,
    sealed   bytea  NOT NULL,
    created  bigint NOT NULL
);

CREATE TABLE audit_checkpoints (
    seq        bigint PRIMARY KEY,
    at         bigint NOT NULL,
    hash       bytea  NOT NULL CHECK (length(hash) = 32),
    key        uuid   NOT NULL,
    signature  bytea  NOT NULL
);

CREATE TABLE audit_segments (
    last       bigint PRIMARY KEY,
    hash       bytea  NOT NULL CHECK (length(hash) = 32),
    at         bigint NOT NULL,
    keep       bigint NOT NULL,
    key        uuid   NOT NULL,
    signature  bytea  NOT NULL
);

-- One row, for the owner alone to change: nothing younger is dropped, whatever a node asks. Milliseconds; six years.
CREATE TABLE audit_retention (
    id    smallint PRIMARY KEY CHECK (id = 1),
    keep  bigint   NOT NULL
);

INSERT INTO audit_retention (id, keep) VALUES (1, 189388800000);

CREATE TABLE audit_dropping (
    upto    bigint NOT NULL,
    before  bigint NOT NULL
);

CREATE FUNCTION headway_refuse_unless_dropped() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'audit_events' THEN
        IF EXISTS (SELECT 1 FROM audit_dropping WHERE OLD.id < before * 1000) THEN RETURN OLD; END IF;
    ELSIF TG_TABLE_NAME = 'audit_chain' THEN
        IF EXISTS (SELECT 1 FROM audit_dropping WHERE OLD.seq <= upto) THEN RETURN OLD; END IF;
    ELSIF EXISTS (SELECT 1 FROM audit_dropping WHERE OLD.seq < upto) THEN RETURN OLD;
    END IF;
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$;

-- With the rights of the owner, because nobody else may delete, so tables of the caller's own must not stand before the real ones: pg_temp comes last. And by the server's own clock, because a node could set that of `headway_now`.
CREATE FUNCTION headway_drop_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.before > least(headway_now(), (extract(epoch FROM clock_timestamp()) * 1000)::bigint) - (SELECT keep FROM audit_retention) THEN
        RAISE EXCEPTION 'the owner of this database keeps audit events longer: see audit_retention';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM audit_segments WHERE last >= NEW.upto) THEN RAISE EXCEPTION 'only a sealed segment is dropped'; END IF;
    DELETE FROM audit_events e USING audit_chain c WHERE c.seq <= NEW.upto AND e.job = c.job AND e.id = c.event;
    DELETE FROM audit_chain WHERE seq <= NEW.upto;
    DELETE FROM audit_checkpoints WHERE seq < NEW.upto;
    DELETE FROM audit_dropping;
    RETURN NULL;
END $$;

DROP TRIGGER audit_events_stay ON audit_events;
CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events FOR EACH ROW EXECUTE FUNCTION headway_refuse('audit events are never changed');
CREATE TRIGGER audit_events_remain_each BEFORE DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION headway_refuse_unless_dropped('audit events are removed by retention alone');
CREATE TRIGGER audit_chain_stay BEFORE UPDATE ON audit_chain FOR EACH ROW EXECUTE FUNCTION headway_refuse('the chain of audit events is never changed');
CREATE TRIGGER audit_chain_remain_each BEFORE DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION headway_refuse_unless_dropped('the chain of audit events is shortened by retention alone');
CREATE TRIGGER audit_chain_remain BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION headway_refuse('the chain of audit events is never removed');
CREATE TRIGGER audit_checkpoints_stay BEFORE UPDATE ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION headway_refuse('checkpoints are never changed');
CREATE TRIGGER audit_checkpoints_remain_each BEFORE DELETE ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION headway_refuse_unless_dropped('checkpoints are removed by retention alone');
CREATE TRIGGER audit_checkpoints_remain BEFORE TRUNCATE ON audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION headway_refuse('checkpoints are never removed');
CREATE TRIGGER audit_segments_stay BEFORE UPDATE OR DELETE ON audit_segments FOR EACH ROW EXECUTE FUNCTION headway_refuse('what was dropped is never changed or forgotten');
CREATE TRIGGER audit_segments_remain BEFORE TRUNCATE ON audit_segments FOR EACH STATEMENT EXECUTE FUNCTION headway_refuse('what was dropped is never forgotten');
CREATE TRIGGER audit_keys_stay BEFORE UPDATE OR DELETE ON audit_keys FOR EACH ROW EXECUTE FUNCTION headway_refuse('keys of checkpoints are never changed or removed');
CREATE TRIGGER audit_keys_remain BEFORE TRUNCATE ON audit_keys FOR EACH STATEMENT EXECUTE FUNCTION headway_refuse('keys of checkpoints are never removed');
CREATE TRIGGER audit_dropping_drops AFTER INSERT ON audit_dropping FOR EACH ROW EXECUTE FUNCTION headway_drop_events();
