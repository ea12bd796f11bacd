-- It answers again. Primary key; touches nothing as long as it never failed.
UPDATE endpoints SET failures = 0, held = NULL WHERE name = $1 AND failures > 0
