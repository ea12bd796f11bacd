-- How much an attempt has logged. Primary key range.
SELECT coalesce(sum(length(body)), 0) FROM stream_log WHERE job = $1 AND first >= $2
