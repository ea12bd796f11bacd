-- One that nobody works on any more: its node was lost. Primary key; of two who try, the second finds it touched.
UPDATE replays SET owner = $1, touched = $2 WHERE tenant = $3 AND key = $4 AND done = 0 AND touched < $5
