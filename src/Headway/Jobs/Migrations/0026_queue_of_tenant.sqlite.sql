-- Workers that may do only their tenant's jobs look among these, and not past what others have waiting.
ALTER TABLE queue ADD COLUMN tenant TEXT;       -- of a job that workers do; of others it may be null
UPDATE queue SET tenant = (SELECT j.tenant FROM jobs j WHERE j.id = queue.job) WHERE pool IN (SELECT id FROM pools WHERE name LIKE '%/workers');
CREATE INDEX queue_of_tenant ON queue (pool, tenant, rank, job) WHERE state = 1 AND gate IS NULL AND tenant IS NOT NULL;
