-- What counts no more, and what a clock that was set back has left too far ahead. Two ranges of the primary key.
DELETE FROM model_grants WHERE model = $1 AND (second <= $2 OR second > $3)
