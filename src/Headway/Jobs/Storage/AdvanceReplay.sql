-- Only by its owner: whoever was taken over has nothing to say. Primary key.
UPDATE replays SET after = $1, touched = $2, done = $3, report = $4 WHERE tenant = $5 AND key = $6 AND owner = $7 AND done = 0
