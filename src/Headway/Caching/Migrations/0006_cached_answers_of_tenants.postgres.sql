-- As 0006_cached_answers_of_tenants.sqlite.sql, in the types of PostgreSQL.

CREATE TABLE cached_answers (
    id          bigint   PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    tenant      text     NOT NULL,
    key         bytea    NOT NULL UNIQUE,
    job         uuid     NOT NULL,
    body        bytea    NOT NULL,
    media_type  text     NOT NULL,
    model       text,
    pieces      smallint NOT NULL,
    size        bigint   NOT NULL,
    created     bigint   NOT NULL,
    expires     bigint   NOT NULL
);

ALTER TABLE cached_answers ALTER body SET STORAGE EXTERNAL;

CREATE INDEX cached_answers_expires ON cached_answers (expires);
CREATE INDEX cached_answers_tenant ON cached_answers (tenant, id);

CREATE TABLE cached_sizes (
    tenant  text    PRIMARY KEY,
    size    bigint  NOT NULL
) WITH (fillfactor = 50);

CREATE INDEX cached_sizes_size ON cached_sizes (size);

CREATE FUNCTION cached_answers_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO cached_sizes AS s (tenant, size) VALUES (NEW.tenant, NEW.size) ON CONFLICT (tenant) DO UPDATE SET size = s.size + excluded.size;
    ELSE
        UPDATE cached_sizes SET size = size - OLD.size WHERE tenant = OLD.tenant;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER cached_answers_counted AFTER INSERT OR DELETE ON cached_answers FOR EACH ROW EXECUTE FUNCTION cached_answers_count();
