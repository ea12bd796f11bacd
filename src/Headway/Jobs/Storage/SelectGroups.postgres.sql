-- Dead letters that died alike, along jobs_troubled; the example is the newest.
SELECT d.feature, d.version, j.error_code, j.error_kind, coalesce(j.fingerprint, ''), count(*), min(j.finished), max(j.finished), (array_agg(j.id ORDER BY j.id DESC))[1]
FROM jobs j JOIN definitions d ON d.id = j.definition
