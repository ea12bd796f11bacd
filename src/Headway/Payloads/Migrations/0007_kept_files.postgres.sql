-- As 0007_kept_files.sqlite.sql, in the types of PostgreSQL.

CREATE TABLE kept_files (
    id       uuid     PRIMARY KEY,
    tenant   text     NOT NULL,
    subject  bytea,
    purpose  smallint NOT NULL,
    bytes    bigint   NOT NULL,
    created  bigint   NOT NULL,
    expires  bigint
);

CREATE INDEX kept_files_tenant ON kept_files (tenant, id);
CREATE INDEX kept_files_expires ON kept_files (expires) WHERE expires IS NOT NULL;

CREATE TABLE kept_sizes (
    tenant  text    PRIMARY KEY,
    files   bigint  NOT NULL,
    bytes   bigint  NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION kept_files_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO kept_sizes AS s (tenant, files, bytes) VALUES (NEW.tenant, 1, NEW.bytes)
        ON CONFLICT (tenant) DO UPDATE SET files = s.files + 1, bytes = s.bytes + excluded.bytes;
    ELSE
        UPDATE kept_sizes SET files = files - 1, bytes = bytes - OLD.bytes WHERE tenant = OLD.tenant;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER kept_files_counted AFTER INSERT OR DELETE ON kept_files FOR EACH ROW EXECUTE FUNCTION kept_files_count();
