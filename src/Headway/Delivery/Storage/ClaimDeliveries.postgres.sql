-- What is due for an endpoint, the longest due first, passing over what another node is claiming: the inner select walks deliveries_due, the update goes by
-- primary key. Materialized, so that it is locked once, and no more than asked.
WITH next AS MATERIALIZED (SELECT id FROM deliveries WHERE endpoint = $3 AND state = 0 AND claimed IS NULL AND due <= $4 ORDER BY due, id LIMIT $5 FOR UPDATE SKIP LOCKED),
    claimed AS (
        UPDATE deliveries d SET attempts = d.attempts + 1, tries = d.tries + 1, claimed = d.attempts + 1, until = $1, node = $2 WHERE d.id = ANY (ARRAY(SELECT id FROM next))
        RETURNING d.id, d.tenant, d.job, d.event, d.created, d.claimed, d.tries, d.due)
SELECT id, tenant, job, event, created, claimed, tries FROM claimed ORDER BY due, id
