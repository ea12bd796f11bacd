-- Where a look at so many events of a tenant ends; nothing where there are fewer. Index audit_events_time, and nothing but it.
SELECT id FROM audit_events WHERE tenant = $1 AND id <= $2 AND id >= $3 ORDER BY id DESC LIMIT 1 OFFSET $4
