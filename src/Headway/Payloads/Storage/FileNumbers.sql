-- By the first column of the primary key. Unfinished uploads too: this is read to delete.
SELECT number FROM files WHERE job = $1
