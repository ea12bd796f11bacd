-- Files that callers keep here by themselves, to name them in later calls. Their pieces and descriptions lie in `files` and `file_chunks` under the
-- file's own id, where those of inputs lie under the id of their job. What has no row here (an upload that never ended) was never listed.
CREATE TABLE kept_files (
    id       BLOB    PRIMARY KEY CHECK (length(id) = 16),   -- UUIDv7: the order of ids is the order in which uploads began
    tenant   TEXT    NOT NULL,
    subject  BLOB,              -- keyed MAC
    purpose  INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    created  INTEGER NOT NULL,
    expires  INTEGER            -- null: it stays until it is deleted; 0: it was
) WITHOUT ROWID;

CREATE INDEX kept_files_tenant ON kept_files (tenant, id);
CREATE INDEX kept_files_expires ON kept_files (expires) WHERE expires IS NOT NULL;

-- What each tenant keeps. The triggers are the only ones to write it, so no way of adding or removing a file can forget it.
CREATE TABLE kept_sizes (
    tenant  TEXT    PRIMARY KEY,
    files   INTEGER NOT NULL,
    bytes   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER kept_files_added AFTER INSERT ON kept_files BEGIN
    INSERT INTO kept_sizes (tenant, files, bytes) VALUES (NEW.tenant, 1, NEW.bytes)
    ON CONFLICT (tenant) DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER kept_files_gone AFTER DELETE ON kept_files BEGIN
    UPDATE kept_sizes SET files = files - 1, bytes = bytes - OLD.bytes WHERE tenant = OLD.tenant;
END;
