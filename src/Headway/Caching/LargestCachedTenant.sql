-- The last entry of cached_sizes_size.
SELECT tenant FROM cached_sizes ORDER BY size DESC LIMIT 1
