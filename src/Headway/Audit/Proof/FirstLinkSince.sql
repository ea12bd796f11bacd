-- Where an export begins: before the first link whose event happened at or after a time. The primary key, from its begin.
SELECT seq FROM audit_chain WHERE event >= $1 ORDER BY seq LIMIT 1
