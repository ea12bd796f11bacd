-- The worker of an attempt has told its facts. No row: it had told them before. Whoever tells them at the same time, on whichever node, waits here and then finds the mark. Primary key.
UPDATE jobs SET told = coalesce(told, ',') || $1 || ',' WHERE id = $2 AND coalesce(told, ',') NOT LIKE '%,' || $1 || ',%'
