-- It is known even where the job dies before all is undone: replayed, it goes on with that. Primary key.
UPDATE jobs SET asked = 2 WHERE id = $1
