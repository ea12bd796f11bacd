-- Calls of a tenant's jobs from one id on, added up: along the primary key of model_calls, jobs and definitions by theirs.
SELECT {by}, count(*), sum(c.input_tokens), sum(c.output_tokens), sum(c.nano_usd)
FROM model_calls c JOIN jobs j ON j.id = c.job JOIN definitions d ON d.id = j.definition
WHERE j.tenant = $1 AND c.job >= $2 GROUP BY 1 ORDER BY 5 DESC, 1 LIMIT $3
