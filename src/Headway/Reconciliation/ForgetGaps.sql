-- Along gaps_ended.
DELETE FROM gaps WHERE id IN (SELECT id FROM gaps WHERE ended < $1 ORDER BY ended LIMIT $2)
