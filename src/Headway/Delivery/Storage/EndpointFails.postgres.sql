-- One failure more; from a number of them on nothing is sent for a while. Primary key.
INSERT INTO endpoints AS e (name, failures, held) VALUES ($1, 1, NULL)
ON CONFLICT (name) DO UPDATE SET failures = e.failures + 1, held = CASE WHEN e.failures + 1 >= $2 THEN $3 ELSE e.held END
