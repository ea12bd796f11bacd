-- Tests and alerts that are over, along deliveries_tests. No job takes them away with it.
SELECT id FROM deliveries WHERE job IS NULL AND created < $1 ORDER BY created LIMIT $2
