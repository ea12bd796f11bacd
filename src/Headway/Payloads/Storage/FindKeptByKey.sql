-- Index: kept_files_key. A key is forgotten after a while, and with its file.
SELECT id, fingerprint FROM kept_files WHERE tenant = $1 AND key = $2 AND created >= $3 AND (expires IS NULL OR expires > $4)
