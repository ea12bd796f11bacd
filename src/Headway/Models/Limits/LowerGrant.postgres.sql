-- Given back unused; nothing where its second counts no more. Primary key.
UPDATE model_grants SET requests = greatest(0, requests - $1), tokens = greatest(0, tokens - $2) WHERE model = $3 AND second = $4
