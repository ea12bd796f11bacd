-- What counts no more. The table holds what was granted in the last minutes: a scan. But for what somebody is taking away already, so that nobody is waited for.
DELETE FROM model_grants WHERE (model, second) IN (SELECT model, second FROM model_grants WHERE second <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
