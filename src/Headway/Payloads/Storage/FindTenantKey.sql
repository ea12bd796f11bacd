-- By the primary key.
SELECT wrapped FROM tenant_keys WHERE tenant = $1
