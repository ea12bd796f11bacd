-- The hash of a link, or of the end of what was dropped. Primary keys.
SELECT hash FROM audit_chain WHERE seq = $1 UNION ALL SELECT hash FROM audit_segments WHERE last = $1
