-- As 0024_given_up.sqlite.sql, which says what the column is for.
ALTER TABLE deliveries ADD COLUMN noted smallint NOT NULL DEFAULT 0;

CREATE INDEX deliveries_given_up ON deliveries (id) WHERE state = 2 AND required = 1 AND noted < 2;
