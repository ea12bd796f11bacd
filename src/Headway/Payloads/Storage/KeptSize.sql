-- By the primary key.
SELECT files, bytes FROM kept_sizes WHERE tenant = $1
