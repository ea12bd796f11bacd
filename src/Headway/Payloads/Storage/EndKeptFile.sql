-- By the primary key. A file that is deleted has expired: nobody sees it from now on, and the pruner ends what is not removed at once.
UPDATE kept_files SET expires = 0 WHERE id = $1 AND tenant = $2 AND (expires IS NULL OR expires > $3)
