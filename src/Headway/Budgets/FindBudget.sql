-- What a budget has used of its period: spent and held back. Unique index (scope, period).
SELECT spent + reserved FROM budgets WHERE scope = $1 AND period = $2
