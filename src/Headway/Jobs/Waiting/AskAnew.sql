-- A workflow that is replayed asks anew for what it died of, for what it asked after that, and for what was undone, unless it was cancelled and goes on undoing.
-- Primary key prefixes.
DELETE FROM journal WHERE job = $1 AND (journal.kind = 8 AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = $1 AND j.asked = 2)
    OR EXISTS (SELECT 1 FROM waits w WHERE w.job = journal.job AND w.kind = 6 AND (journal.name = w.name AND journal.occurrence = w.occurrence OR journal.began >= w.due)))
