-- State, and whether the input is still kept. Primary key.
SELECT state, input FROM jobs WHERE id = $1 AND tenant = $2
