-- A person is told of it from now on. Primary key.
UPDATE deliveries SET noted = 2 WHERE id = $1 AND state = 2 AND noted < 2
