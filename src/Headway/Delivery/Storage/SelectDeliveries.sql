-- For a where clause that goes along deliveries_job or the primary key.
SELECT id, job, endpoint, event, state, required, created, ended, due, claimed, tenant FROM deliveries
