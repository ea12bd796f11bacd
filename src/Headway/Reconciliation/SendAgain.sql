-- Back to the start of its schedule, once: the guard lets it through while nothing was done about it. Primary key.
UPDATE deliveries SET state = 0, due = $1, tries = 0, ended = NULL, noted = 1 WHERE id = $2 AND state = 2 AND noted = 0
