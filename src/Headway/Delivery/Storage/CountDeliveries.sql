-- What a tenant's endpoints have before them and what was given up, along deliveries_open.
SELECT endpoint, state, count(*), min(created) FROM deliveries WHERE tenant = $1 AND state <> 1 AND (job IS NOT NULL OR said IS NOT NULL) GROUP BY endpoint, state
