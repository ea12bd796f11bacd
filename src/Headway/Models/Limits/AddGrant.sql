-- The writer has just seen that there is room, or charges what was used beyond it. Primary key.
INSERT INTO model_grants (model, second, requests, tokens) VALUES ($1, $2, $3, $4)
ON CONFLICT (model, second) DO UPDATE SET requests = model_grants.requests + excluded.requests, tokens = model_grants.tokens + excluded.tokens
