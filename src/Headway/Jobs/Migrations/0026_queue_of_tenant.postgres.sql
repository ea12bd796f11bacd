-- As 0026_queue_of_tenant.sqlite.sql, in the types of PostgreSQL. What a node of the version before queues meanwhile is told its tenant by the reconciler.
ALTER TABLE queue ADD COLUMN tenant text;
UPDATE queue SET tenant = (SELECT j.tenant FROM jobs j WHERE j.id = queue.job) WHERE pool IN (SELECT id FROM pools WHERE name LIKE '%/workers');
CREATE INDEX queue_of_tenant ON queue (pool, tenant, rank, job) WHERE state = 1 AND gate IS NULL AND tenant IS NOT NULL;
