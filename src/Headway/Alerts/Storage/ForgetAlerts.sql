-- Along alerts_ended.
DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE ended < $1 ORDER BY ended LIMIT $2)
