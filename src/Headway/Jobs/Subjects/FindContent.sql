-- Along jobs_subject: jobs of a subject that have ended and still hold something.
SELECT id FROM jobs WHERE subject = $1 AND tenant = $2 AND state > 4
AND (input IS NOT NULL OR result IS NOT NULL OR about IS NOT NULL OR error IS NOT NULL OR searchable IS NOT NULL) ORDER BY id LIMIT $3
