-- How many jobs of a tenant are under way, by feature, version of their code and state. For people: a walk over what is under way.
SELECT d.feature, coalesce(j.code, 1), q.state, count(*) FROM queue q JOIN jobs j ON j.id = q.job JOIN definitions d ON d.id = j.definition
WHERE j.tenant = $1 GROUP BY d.feature, coalesce(j.code, 1), q.state
