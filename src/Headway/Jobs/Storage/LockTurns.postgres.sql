-- Whoever has read turns, and may still charge by what he read, has ended by then; whoever comes now waits.
LOCK TABLE turns IN ACCESS EXCLUSIVE MODE
