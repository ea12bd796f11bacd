-- What somebody claimed and has not marked in time, along deliveries_claimed.
SELECT id, tenant, job, endpoint, event, created, claimed, tries, until, node FROM deliveries WHERE claimed IS NOT NULL AND until <= $1 ORDER BY until LIMIT $2
