-- The work has ended. Primary key prefix.
DELETE FROM reservations WHERE owner = $1
