-- Jobs that wait for a version of their code are looked at now. Along queue_waiting.
UPDATE queue SET due = $1 WHERE state = 3 AND why LIKE 'no-version %'
