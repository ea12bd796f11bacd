-- First entry of an endpoint in deliveries_due, in its order.
SELECT due FROM deliveries WHERE endpoint = $1 AND state = 0 AND claimed IS NULL ORDER BY due, id LIMIT 1
