-- The fence, for what reads before it writes: whether this lease still holds this attempt, and nobody takes it or writes for it, on whichever node, before
-- this transaction has ended. Primary key.
SELECT 1 FROM queue WHERE job = $1 AND lease = $2 AND attempt = $3 FOR UPDATE
