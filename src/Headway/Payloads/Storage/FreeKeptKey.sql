-- Index: kept_files_key. Whoever writes this has just seen that the key is free or no longer kept.
UPDATE kept_files SET key = NULL, fingerprint = NULL WHERE tenant = $1 AND key = $2
