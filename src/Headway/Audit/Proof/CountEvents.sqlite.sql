-- Events, links, and events that are not chained yet, at one moment. Reads the smallest index of each whole.
SELECT (SELECT count(*) FROM audit_events), (SELECT count(*) FROM audit_chain), (SELECT count(*) FROM audit_events WHERE number > (SELECT after FROM audit_unchained))
