-- What is held back for an owner. Primary key prefix.
SELECT budget, nano FROM reservations WHERE owner = $1
