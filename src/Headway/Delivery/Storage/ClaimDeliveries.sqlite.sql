-- What is due for an endpoint, the longest due first: the inner select walks deliveries_due, the update goes by primary key.
UPDATE deliveries SET attempts = attempts + 1, tries = tries + 1, claimed = attempts + 1, until = $1, node = $2
WHERE id IN (SELECT id FROM deliveries WHERE endpoint = $3 AND state = 0 AND claimed IS NULL AND due <= $4 ORDER BY due, id LIMIT $5)
RETURNING id, tenant, job, event, created, claimed, tries
