-- By the primary key of jobs, inside the write that deletes: a job accepted a moment ago keeps its files.
SELECT 1 FROM jobs WHERE id = $1
