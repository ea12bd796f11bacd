-- What the other nodes hold. Primary key prefix; a row for each node.
SELECT coalesce(sum(slots), 0) FROM model_slots WHERE model = $1 AND lease <> $2
