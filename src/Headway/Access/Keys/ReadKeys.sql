-- All keys: there are some thousands at most. Primary key.
SELECT id, tenant, everywhere, name, roles, features, priority, rate, mac, former, former_until, created, creator, expires, revoked, used FROM api_keys ORDER BY id
