-- What attempts said may hold content: it goes with the payloads. Primary key prefix.
UPDATE attempts SET error = NULL WHERE job = $1 AND error IS NOT NULL
