-- A job begins with what another got, and then stays with the code that one has. Primary keys.
UPDATE jobs SET rerun_of = $1, code = CASE WHEN $2 = 1 THEN (SELECT coalesce(o.code, 1) FROM jobs o WHERE o.id = $1) END WHERE id = $3
