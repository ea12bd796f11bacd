-- What was sent to a job and not given to it yet, in the order in which it came, without what came with it. Primary key prefix.
SELECT number, name, actor, sent, approver FROM signals WHERE job = $1 AND taken IS NULL ORDER BY number LIMIT $2
