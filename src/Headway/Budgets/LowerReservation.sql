-- A part of what was held is spent. Primary key.
UPDATE reservations SET nano = nano - $1 WHERE owner = $2 AND budget = $3
