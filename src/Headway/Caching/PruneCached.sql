-- Along cached_answers_expires.
DELETE FROM cached_answers WHERE id IN (SELECT id FROM cached_answers WHERE expires <= $1 ORDER BY expires LIMIT $2)
