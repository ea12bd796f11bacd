-- How large the sealed input of a job is, without reading it. Primary keys.
SELECT length(p.body) FROM jobs j JOIN payloads p ON p.id = j.input WHERE j.id = $1
