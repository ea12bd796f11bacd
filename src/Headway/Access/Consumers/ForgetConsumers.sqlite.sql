-- Who has not called for long. Index consumers_last.
DELETE FROM consumers WHERE (tenant, feature, version, actor) IN (SELECT tenant, feature, version, actor FROM consumers WHERE last < $1 ORDER BY last LIMIT $2)
