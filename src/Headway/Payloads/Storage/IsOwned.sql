-- By the primary keys of jobs and kept_files, inside the write that condemns: a job accepted, or a file kept, a moment ago keeps its pieces.
SELECT 1 FROM jobs WHERE id = $1 UNION ALL SELECT 1 FROM kept_files WHERE id = $1
