-- Numbers rise with age: the first entry of the tenant in cached_answers_tenant.
DELETE FROM cached_answers WHERE id = (SELECT min(id) FROM cached_answers WHERE tenant = $1)
