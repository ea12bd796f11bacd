-- Along idempotency_expires up to the bound of a batch; keys that expire in the same millisecond go together.
DELETE FROM idempotency WHERE expires <= (SELECT max(expires) FROM (SELECT expires FROM idempotency WHERE expires < $1 ORDER BY expires LIMIT $2) AS batch)
