-- Of jobs that have ended, or whose records are gone. Along gaps_open, and the primary key of jobs.
UPDATE gaps SET ended = $1 WHERE ended IS NULL AND (kind = 'overdue' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = gaps.job AND j.state = 0)
OR kind = 'unaudited' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = gaps.job))
