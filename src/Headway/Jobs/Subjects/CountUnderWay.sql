-- Along jobs_subject.
SELECT count(*) FROM jobs WHERE subject = $1 AND tenant = $2 AND state <= 4
