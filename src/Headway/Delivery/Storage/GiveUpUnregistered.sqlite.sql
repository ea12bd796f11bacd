-- What has been due for an endpoint since before a moment: the inner select walks deliveries_due, the update goes by primary key. The fence is moved on for the try that was none.
UPDATE deliveries SET state = 2, attempts = attempts + 1, ended = $1 WHERE id IN (SELECT id FROM deliveries WHERE endpoint = $2 AND state = 0 AND claimed IS NULL AND due <= $3 ORDER BY due, id LIMIT $4)
RETURNING id, job, attempts
