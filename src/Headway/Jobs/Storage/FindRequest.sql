-- The stored input of a job of the tenant, and how it reads. Primary keys.
SELECT j.input_type, p.body FROM jobs j JOIN payloads p ON p.id = j.input WHERE j.id = $1 AND j.tenant = $2
