-- Held back only where there is room, in the one statement that also opens a period at its first use: however many come together, the limit
-- stands. Unique index (scope, period).
INSERT INTO budgets (scope, period, reserved) SELECT $1, $2, $3 WHERE $4 > 0 AND $3 <= $4
ON CONFLICT (scope, period) DO UPDATE SET reserved = budgets.reserved + excluded.reserved
    WHERE budgets.spent + budgets.reserved < $4 AND budgets.spent + budgets.reserved + excluded.reserved <= $4
RETURNING id
