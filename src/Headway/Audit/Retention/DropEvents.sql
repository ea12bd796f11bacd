-- A trigger does the rest, in this very statement: events, links and checkpoints of a sealed segment go, up to a link. Primary keys.
INSERT INTO audit_dropping (upto, before) VALUES ($1, $2)
