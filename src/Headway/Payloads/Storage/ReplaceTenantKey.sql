-- Primary key.
UPDATE tenant_keys SET wrapped = $1 WHERE tenant = $2
