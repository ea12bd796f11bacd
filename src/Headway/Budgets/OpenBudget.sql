-- The first use in a period; the writer has just seen that there is none.
INSERT INTO budgets (scope, period) VALUES ($1, $2)
