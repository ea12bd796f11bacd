-- The payload that a job was to be run on. Primary key.
SELECT input FROM jobs WHERE id = $1
