-- Links for the events up to a number, whose hashes are given in their order. The rowid. In one statement: one by one they take the writer four times as long.
INSERT INTO audit_chain (seq, job, event, hash) SELECT $1 + place, job, id, substr($2, (place - 1) * 32 + 1, 32) FROM
(SELECT row_number() OVER (ORDER BY number) AS place, job, id FROM audit_events WHERE number > (SELECT after FROM audit_unchained) AND number <= $3)
