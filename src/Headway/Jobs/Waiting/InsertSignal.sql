-- After those that came before. Primary key.
INSERT INTO signals (job, number, name, key, print, body, actor, sent, approver)
SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM signals WHERE job = $1
