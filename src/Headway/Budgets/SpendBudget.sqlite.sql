-- Spent, released, and how much of what was spent is not known to be. Primary key.
UPDATE budgets SET spent = spent + $1, reserved = reserved - $2, maybe_paid = maybe_paid + $3 WHERE id = $4
