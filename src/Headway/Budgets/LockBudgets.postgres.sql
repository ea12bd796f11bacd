-- The budgets that are about to be reserved from, locked in one order before anything else of them is touched: two groups that want the same ones wait
-- for each other once, and not in a circle. Unique index (scope, period).
SELECT 1, 1 FROM budgets b JOIN (SELECT DISTINCT scope, period FROM unnest($1::text[], $2::bigint[]) AS asked (scope, period)) AS a USING (scope, period)
ORDER BY scope, period FOR NO KEY UPDATE OF b
