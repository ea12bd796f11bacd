-- One failure more; from a number of them on nothing is sent for a while. Primary key.
INSERT INTO endpoints (name, failures, held) VALUES ($1, 1, NULL)
ON CONFLICT (name) DO UPDATE SET failures = failures + 1, held = CASE WHEN failures + 1 >= $2 THEN $3 ELSE held END
