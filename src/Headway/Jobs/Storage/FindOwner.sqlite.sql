-- Whose a job is, and how urgent. Primary key.
SELECT tenant, priority FROM jobs WHERE id = $1
