-- What a workflow got after a line of its journal, but for where it begins. Primary key prefix.
SELECT number, kind, name, occurrence, outcome FROM journal WHERE job = $1 AND number > $2 AND kind <> 9 ORDER BY number LIMIT $3
