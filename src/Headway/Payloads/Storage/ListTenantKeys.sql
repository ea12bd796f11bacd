-- All of them: as many as tenants.
SELECT tenant, wrapped FROM tenant_keys ORDER BY tenant
