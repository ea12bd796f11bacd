-- When the newest of the next links up to one happened: among commits out of order it need not be the last. Primary key.
SELECT max(event), count(*), max(seq) FROM (SELECT seq, event FROM audit_chain WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3) AS next
