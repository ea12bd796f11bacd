-- The child is not waited for any more, as whoever did has ended, and has not begun anew. Primary keys.
DELETE FROM waits WHERE job = $1 AND child = $2 AND EXISTS (SELECT 1 FROM jobs j WHERE j.id = $1 AND j.state <> 0)
