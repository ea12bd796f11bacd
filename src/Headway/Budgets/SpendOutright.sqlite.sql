-- Spent where nothing was held back for it, also beyond the limit: it is a fact. Opens a period at its first use. Unique index (scope, period).
INSERT INTO budgets (scope, period, spent) VALUES ($1, $2, $3) ON CONFLICT (scope, period) DO UPDATE SET spent = budgets.spent + excluded.spent
