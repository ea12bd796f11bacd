-- Index: the primary key of files, from the last place looked at; jobs and kept_files by theirs, only for the ids of this page. Ids of jobs and of kept
-- files are in the order of time.
SELECT next.job, EXISTS (SELECT 1 FROM jobs WHERE jobs.id = next.job) OR EXISTS (SELECT 1 FROM kept_files WHERE kept_files.id = next.job)
FROM (SELECT DISTINCT job FROM files WHERE job > $1 AND job < $2 ORDER BY job LIMIT $3) AS next ORDER BY next.job
