-- Along gaps_open.
UPDATE gaps SET ended = $1 WHERE kind = $2 AND what = $3 AND ended IS NULL
