-- Adds what a node has counted. Primary key.
INSERT INTO consumers (tenant, feature, version, actor, began, last, calls) VALUES ($1, $2, $3, $4, $5, $5, $6)
ON CONFLICT (tenant, feature, version, actor) DO UPDATE SET calls = consumers.calls + excluded.calls,
    last = CASE WHEN consumers.last < excluded.last THEN excluded.last ELSE consumers.last END
