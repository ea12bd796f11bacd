-- What is left of a job in the cache. A walk of the table, which is bounded (CachedAnswers.Most): whoever deletes can wait for it, and an index would be paid by every answer.
DELETE FROM cached_answers WHERE job = $1
