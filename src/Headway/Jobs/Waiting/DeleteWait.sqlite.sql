-- It is there, or not wanted any more. Primary key.
DELETE FROM waits WHERE job = $1 AND name = $2 AND occurrence = $3
