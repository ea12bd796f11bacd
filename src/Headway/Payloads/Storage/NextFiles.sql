-- Index: the primary key of files, from the last place looked at. Ids of jobs and of kept files are in the order of time.
SELECT DISTINCT job, EXISTS (SELECT 1 FROM jobs WHERE jobs.id = files.job) OR EXISTS (SELECT 1 FROM kept_files WHERE kept_files.id = files.job)
FROM files WHERE job > $1 AND job < $2 ORDER BY job LIMIT $3
