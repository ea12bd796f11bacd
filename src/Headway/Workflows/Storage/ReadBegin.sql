-- How a job went to sleep, what people asked of it since, and when it was begun for the first time. Primary keys.
SELECT q.asked, q.rested, q.emitted, a.started, j.code FROM queue q JOIN jobs j ON j.id = q.job LEFT JOIN attempts a ON a.job = q.job AND a.number = 1 WHERE q.job = $1
