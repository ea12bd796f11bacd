-- Jobs under way whose code is of one version, a batch at a time. For people: a walk over what is under way.
SELECT q.job FROM queue q JOIN jobs j ON j.id = q.job JOIN definitions d ON d.id = j.definition
WHERE q.job > $1 AND j.tenant = $2 AND d.feature = $3 AND coalesce(j.code, 1) = $4 ORDER BY q.job LIMIT $5
