-- The turns of jobs that come back, or whose time has come. Primary key.
UPDATE queue q SET rank = asked.rank FROM unnest($1::bigint[], $2::uuid[]) AS asked (rank, job) WHERE q.job = asked.job AND q.job = ANY($2::uuid[])
