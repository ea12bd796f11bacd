-- They are there, or not wanted any more. Primary key.
DELETE FROM waits w USING unnest($1::uuid[], $2::text[], $3::bigint[]) AS asked (job, name, occurrence)
WHERE w.job = asked.job AND w.name = asked.name AND w.occurrence = asked.occurrence AND w.job = ANY($1::uuid[])
