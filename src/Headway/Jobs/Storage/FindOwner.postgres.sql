-- Whose jobs are, and how urgent. Primary key.
SELECT j.tenant, j.priority, asked.ord FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (job, ord) JOIN jobs j ON j.id = asked.job
