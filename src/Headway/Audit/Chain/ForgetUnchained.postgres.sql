-- Notes whose events are chained, each by its own number: one with a smaller number may be committed later. Primary key.
DELETE FROM audit_unchained WHERE id IN (SELECT unnest($1::bigint[]))
