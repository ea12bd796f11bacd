-- What was mended lately and cannot happen while every write is whole: the newest ends of gaps_ended.
SELECT kind, count(*) FROM (SELECT kind, did FROM gaps WHERE ended > $1 ORDER BY ended DESC LIMIT $2) AS latest
WHERE did = 'mended' AND kind IN ('misplaced', 'stray', 'unclosed') GROUP BY kind
