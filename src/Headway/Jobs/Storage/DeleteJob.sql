-- Primary key.
DELETE FROM jobs WHERE id = $1
