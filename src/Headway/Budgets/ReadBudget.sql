-- How a budget stands. Unique index (scope, period).
SELECT spent, reserved, maybe_paid FROM budgets WHERE scope = $1 AND period = $2
