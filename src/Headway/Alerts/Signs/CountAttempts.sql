-- The latest tries at an endpoint, and how many of them failed: the end of its part of delivery_attempts_endpoint. That a node stopped or was lost says nothing of the receiver.
SELECT count(*), coalesce(sum(CASE WHEN outcome <> 'delivered' THEN 1 ELSE 0 END), 0)
FROM (SELECT outcome FROM delivery_attempts WHERE endpoint = $1 AND started > $2 ORDER BY started DESC LIMIT $3) AS latest WHERE outcome <> 'interrupted' AND outcome <> 'lost'
