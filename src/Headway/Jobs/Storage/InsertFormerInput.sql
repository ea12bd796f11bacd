-- The input that a replay puts another in the place of. The job is reopened by this transaction, so nobody else does the same. Primary keys.
INSERT INTO former_inputs (job, number, payload, attempt, replaced, actor)
SELECT j.id, 1 + (SELECT count(*) FROM former_inputs f WHERE f.job = j.id), j.input, j.attempt, $1, $2 FROM jobs j WHERE j.id = $3
