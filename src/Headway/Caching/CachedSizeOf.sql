-- Primary key.
SELECT size FROM cached_sizes WHERE tenant = $1
