-- The writer has just seen that there is room. Primary key.
UPDATE budgets SET reserved = reserved + $1 WHERE id = $2
