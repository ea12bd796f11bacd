-- Primary key prefix.
DELETE FROM stream_log WHERE job = $1
