-- As 0005_cached_answers.sqlite.sql; the table itself comes with its tenants in 0006, and `cached` stands in 0001.
SELECT 1
