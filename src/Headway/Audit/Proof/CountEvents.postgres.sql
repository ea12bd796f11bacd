-- Events, links, and events that are noted as not chained yet, at one moment. Reads the smallest index of each whole.
SELECT (SELECT count(*) FROM audit_events), (SELECT count(*) FROM audit_chain), (SELECT coalesce(sum(cardinality(jobs)), 0)::bigint FROM audit_unchained)
