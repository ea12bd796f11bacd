-- Primary key.
DELETE FROM delivery_attempts WHERE delivery = $1
