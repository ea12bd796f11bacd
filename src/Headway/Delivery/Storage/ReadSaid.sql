-- Primary key.
SELECT said FROM deliveries WHERE id = $1
