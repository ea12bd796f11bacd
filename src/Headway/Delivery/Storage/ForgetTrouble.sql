-- Another address or secret, or somebody says that all is well. Primary key.
UPDATE endpoints SET failures = 0, held = NULL, disabled = NULL, print = NULL WHERE name = $1
