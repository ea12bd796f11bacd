-- The journal of a job in its order. Primary key prefix.
SELECT number, kind, name, occurrence, fingerprint, outcome, body, child, began, ended, tries, attempt FROM journal WHERE job = $1 AND number > $2 ORDER BY number LIMIT $3
