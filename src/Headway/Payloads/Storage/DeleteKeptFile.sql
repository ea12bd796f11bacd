-- By the primary key, once its pieces are gone. Only what has expired: the pruner never takes a file that somebody still sees.
DELETE FROM kept_files WHERE id = $1 AND expires <= $2
