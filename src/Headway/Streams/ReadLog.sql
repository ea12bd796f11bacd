-- What a reader has not seen yet. The primary key finds the row that holds the next event.
SELECT first, last, body FROM stream_log
WHERE job = $1 AND first >= coalesce((SELECT max(first) FROM stream_log WHERE job = $1 AND first <= $2), 0) AND last > $2 ORDER BY first LIMIT $3
