-- A job begins with what another got, and stays with the code that one has. Primary keys.
UPDATE jobs SET rerun_of = $1, code = (SELECT o.code FROM jobs o WHERE o.id = $1) WHERE id = $2
