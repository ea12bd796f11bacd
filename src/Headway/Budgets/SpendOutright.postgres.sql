-- Spent where nothing was held back for it, also beyond the limit: it is a fact. Summed up for each budget, and in the order in which LockBudgets locks
-- them. Opens a period at its first use. Unique index (scope, period).
INSERT INTO budgets (scope, period, spent)
SELECT scope, period, sum(spent) FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS asked (scope, period, spent) GROUP BY scope, period ORDER BY scope, period
ON CONFLICT (scope, period) DO UPDATE SET spent = budgets.spent + excluded.spent
