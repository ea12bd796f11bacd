-- Walks cached_sizes_size, a number for each tenant.
SELECT coalesce(sum(size), 0) FROM cached_sizes
