-- Primary key prefix; all of a tenant.
SELECT id, about, actor, created FROM legal_holds WHERE tenant = $1 ORDER BY created, id
