-- Whose a job is. Primary key.
SELECT tenant FROM jobs WHERE id = $1
