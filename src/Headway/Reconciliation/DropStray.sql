-- What is queued and has no record that is under way is nobody's. Primary keys.
DELETE FROM queue WHERE job = $1 AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = queue.job AND j.state = 0)
