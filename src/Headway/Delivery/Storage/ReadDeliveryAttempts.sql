-- Primary key.
SELECT number, started, took, node, outcome, status FROM delivery_attempts WHERE delivery = $1 ORDER BY number
