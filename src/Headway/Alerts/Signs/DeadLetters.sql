-- Dead letters by the definition they were accepted with: from one to the next along jobs_dead, each counted along it up to a cap, however many there are. Then the primary key of definitions.
SELECT d.feature, (SELECT count(*) FROM (SELECT 1 FROM jobs j WHERE j.state = 7 AND j.definition = found.definition LIMIT $1) AS counted)
FROM (
    WITH RECURSIVE dead (definition) AS (
        SELECT (SELECT j.definition FROM jobs j WHERE j.state = 7 ORDER BY j.definition LIMIT 1)
        UNION ALL
        SELECT (SELECT j.definition FROM jobs j WHERE j.state = 7 AND j.definition > dead.definition ORDER BY j.definition LIMIT 1)
        FROM dead WHERE dead.definition IS NOT NULL)
    SELECT definition FROM dead WHERE definition IS NOT NULL LIMIT $2) AS found
JOIN definitions d ON d.id = found.definition
