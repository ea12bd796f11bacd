-- What reconciliation has done about a delivery that was given up: 0 nothing, 1 queued it again, which it does once, 2 shown it to a person.
ALTER TABLE deliveries ADD COLUMN noted INTEGER NOT NULL DEFAULT 0;

CREATE INDEX deliveries_given_up ON deliveries (id) WHERE state = 2 AND required = 1 AND noted < 2;
