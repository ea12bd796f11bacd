-- By the first column of the primary key. Without a description a file is an upload that never ended: nothing opens it or keeps it any more.
UPDATE files SET description = NULL WHERE job = $1
